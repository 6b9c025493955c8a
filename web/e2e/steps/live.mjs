// A card that follows its deposit, and work that ends between two of its questions.

import assert from 'node:assert/strict'
import { signIn, until } from '../browser.mjs'
import { PASSWORD, TEACHER } from '../people.mjs'
import { asTeacher, deposit, freeze, thaw } from '../service.mjs'

export default [['a card whose page is ahead of the last answer says that it is ready, and asks no more', aheadOfTheAnswer]]

async function aheadOfTheAnswer(world) {
  const page = await world.browser.visitor()
  await signIn(page, TEACHER, PASSWORD)
  await freeze(world)
  const id = await deposit(world, 'media/memo.m4a')
  let answers = [{ state: 'received', progress_permille: 100, renditions: [] }]
  await page.route(`**/api/deposits/${id}`, (route) => {
    const [json] = answers.length > 1 ? answers.splice(0, 1) : answers
    return json === undefined ? route.continue() : route.fulfill({ json })
  })
  const asked = page.waitForResponse(`**/api/deposits/${id}`)
  await page.goto('/deposits')
  await asked
  const row = page.locator(`#deposit-${id}`)
  await row.locator('progress').waitFor()
  thaw(world)
  await until('the deposit to be ready', async () => (await asTeacher(world, `/api/deposits/${id}`)).state === 'ready')
  // One more answer of before the end; the page that is fetched because of it shows the end.
  answers = [{ state: 'received', progress_permille: 900, renditions: [{}] }, undefined]
  await page.getByText(/memo\.m4a.*est prêt/).waitFor({ timeout: 20_000 })
  assert.equal(await row.locator('progress').count(), 0)
  let requests = 0
  page.on('request', () => { requests += 1 })
  await page.waitForTimeout(4000)
  assert.equal(requests, 0, 'it asks on')
}
