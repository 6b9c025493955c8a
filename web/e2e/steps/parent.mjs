// A parent: sees the child's subscription and what was fetched, and stops it.

import assert from 'node:assert/strict'
import { signIn, until } from '../browser.mjs'
import { PARENT, PASSWORD } from '../people.mjs'
import { RECORDING } from './teacher.mjs'

export default [
  ['a podcast app downloads an episode whole', download],
  ['the parent sees the subscription, and what was fetched and when', sees],
  ['the parent stops it, and the address is dead', stops],
]

async function download(world) {
  const answer = await fetch(world.enclosure.url, { headers: { 'User-Agent': 'AntennaPod/3.7' } })
  assert.equal(answer.status, 200)
  assert.equal((await answer.arrayBuffer()).byteLength, world.enclosure.length, 'another length than the feed said')
}

async function sees(world) {
  const page = await world.browser.visitor()
  world.parent = page
  await signIn(page, PARENT, PASSWORD)
  await page.waitForURL((url) => url.pathname === '/children')
  await world.browser.picture(page, 'children')
  await page.getByRole('link', { name: /Inès/ }).click()
  const subscription = page.locator('article.row', { hasText: '5eB' })
  await subscription.waitFor()
  const label = (await subscription.locator('p').first().innerText()).split(' · ')[0]
  // What a device fetched is written down within 10 s.
  const fetched = page.locator('.fetched li', { hasText: RECORDING }).filter({ hasText: label })
  await until('the download to show', async () => {
    await page.reload()
    return (await fetched.count()) > 0
  })
  assert.match(await fetched.first().innerText(), /\d{1,2}[:h\s]\s?\d{2}/, 'no hour is shown')
  await world.browser.picture(page, 'child')
}

async function stops(world) {
  const page = world.parent
  await page.locator('article.row', { hasText: '5eB' }).getByRole('button', { name: 'Arrêter' }).click()
  await page.getByText('L’abonnement est arrêté').waitFor()
  await world.browser.picture(page, 'child-stopped')
  assert.equal((await fetch(world.feed)).status, 410, 'the feed')
  assert.equal((await fetch(world.enclosure.url)).status, 410, 'the media')
}
