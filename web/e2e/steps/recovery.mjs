// Recordings that a crash interrupts, finished from what the browser kept.

import assert from 'node:assert/strict'
import { recorded, start } from '../booth.mjs'
import { signIn, until } from '../browser.mjs'
import { lose, pieces, recordings } from '../kept.mjs'
import { PASSWORD, TEACHER } from '../people.mjs'
import { asTeacher, deposits } from '../service.mjs'

export default [
  ['a recording whose end the browser lost ends where the service is', endsAtTheService],
  ['a recording with a hole ends before it', endsBeforeTheHole],
]

/** A page that shows no recovery: what the browser kept can be damaged from it. */
const ASIDE = '/help/record'

/** Records until the clock shows some seconds, then the tab crashes; gives a new tab and the bytes the service holds. */
async function crash(page, seconds, { after = async () => {} } = {}) {
  const opened = page.waitForResponse((response) => response.request().method() === 'POST' && response.status() === 201)
  const sent = page.waitForResponse((response) => response.request().method() === 'PATCH' && response.status() === 204)
  const booth = await start(page)
  const deposit = (await opened).headers()['balado-deposit']
  await sent
  await after()
  await recorded(booth, seconds)
  const next = await page.context().newPage()
  await next.goto(ASIDE)
  await page.close()
  return { page: next, deposit }
}

/** Lets the home page finish the recording; gives how many requests that took. */
async function finish(page) {
  let requests = 0
  page.on('request', (request) => { if (new URL(request.url()).pathname.startsWith('/api/uploads')) requests += 1 })
  await page.goto('/')
  await page.getByRole('button', { name: 'Terminer l’envoi' }).click()
  await page.getByRole('heading', { name: 'Votre enregistrement est en sécurité.' }).waitFor()
  await until('the copy in the browser to be forgotten', async () => (await recordings(page)) === 0)
  return requests
}

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0)

async function endsAtTheService(world) {
  const visitor = await world.browser.visitor()
  await signIn(visitor, TEACHER, PASSWORD)
  await visitor.goto('/record')
  const { page, deposit } = await crash(visitor, 5)
  const held = (await asTeacher(world, deposit)).size_bytes
  await lose(page, 2, 1000)
  assert.ok(sum(await pieces(page)) < held, 'the browser kept as much as the service')
  const requests = await finish(page)
  assert.ok(requests <= 3, `${requests} requests`)
  const sent = await asTeacher(world, deposit)
  assert.notEqual(sent.state, 'receiving')
  assert.equal(sent.size_bytes, held)
  world.teacher = page
}

async function endsBeforeTheHole(world) {
  await world.teacher.goto('/record')
  const after = () => world.teacher.route('**/api/uploads/*', (route) => route.abort())
  const { page, deposit } = await crash(world.teacher, 6, { after })
  const sizes = await pieces(page)
  const hole = sizes.length - 2
  await lose(page, hole, hole + 1)
  const expected = sum(sizes.slice(0, hole))
  assert.ok((await asTeacher(world, deposit)).size_bytes < expected, 'the service holds too much')
  await finish(page)
  assert.equal((await asTeacher(world, deposit)).size_bytes, expected)
  assert.equal((await deposits(page)).filter((one) => one.state === 'receiving').length, 0)
  world.browser.forgive(/ERR_FAILED/)
  world.teacher = page
}
