// A pupil: sees what is new, plays it, subscribes, and gets an address that a podcast app can read.

import assert from 'node:assert/strict'
import { plays, signIn, until } from '../browser.mjs'
import { PASSWORD, PUPIL } from '../people.mjs'
import { CLIP, RECORDING } from './teacher.mjs'

export default [
  ['a pupil sees what is new', seesNew],
  ['and hears it', hears],
  ['what was heard in the page is no longer new, and the teacher sees it', heardIsKnown],
  ['and subscribes: address, app links and QR code', subscribes],
  ['the address answers a podcast feed', feedAnswers],
]

async function seesNew(world) {
  const page = await world.browser.visitor()
  world.pupil = page
  await signIn(page, PUPIL, PASSWORD)
  for (const title of [RECORDING, CLIP]) {
    const card = page.locator('.card', { hasText: title })
    await card.waitFor()
    assert.equal(await card.locator('.new').innerText().then((text) => text.toLowerCase()), 'nouveau')
  }
  await world.browser.picture(page, 'pupil-home')
}

async function hears(world) {
  const page = world.pupil
  await plays(page.locator('.card', { hasText: RECORDING }).locator('.player-audio'))
  await page.locator('.card h3 a', { hasText: CLIP }).click()
  const video = page.locator('video')
  await video.waitFor()
  await video.evaluate((element) => element.play())
  await until('the video to advance', async () => (await video.evaluate((element) => element.currentTime)) > 0.5)
  await video.evaluate((element) => element.pause())
  await world.browser.picture(page, 'publication-pupil')
}

async function heardIsKnown(world) {
  // What was fetched is written down within 10 s.
  const card = world.pupil.locator('.card', { hasText: RECORDING })
  await until('the card to lose its mark', async () => {
    await world.pupil.goto('/')
    return (await card.locator('.new').count()) === 0
  })
  await world.teacher.goto('/publications')
  assert.match(await world.teacher.locator('.row', { hasText: RECORDING }).innerText(), /1\sélève sur\s8/)
}

async function subscribes(world) {
  const page = world.pupil
  await page.goto('/podcasts')
  await world.browser.picture(page, 'podcasts')
  await page.locator('.show', { hasText: '5eB' }).getByRole('button', { name: 'S’abonner' }).click()
  await page.waitForURL((url) => url.pathname.startsWith('/subscriptions/'))
  world.feed = await page.getByRole('textbox', { name: 'Adresse du podcast' }).inputValue()
  assert.equal(new URL(world.feed).origin, world.base)
  const link = page.locator('.apps a').first()
  assert.ok(await link.isVisible(), 'no link to an app')
  const code = await page.locator('.qr svg').boundingBox()
  assert.ok(code !== null && code.width >= 120, 'the QR code is too small to scan')
  await world.browser.picture(page, 'subscription')
}

async function feedAnswers(world) {
  const answer = await fetch(world.feed)
  assert.equal(answer.status, 200)
  assert.match(answer.headers.get('content-type'), /^application\/rss\+xml/)
  const text = await answer.text()
  assert.match(text, /<rss[ >]/)
  for (const title of [RECORDING, CLIP]) assert.ok(text.includes(title), `${title} is not in the feed`)
  const item = text.split('<item>').find((part) => part.includes(RECORDING))
  const [, url] = /<enclosure[^>]*\burl="([^"]+)"/.exec(item)
  const [, length] = /<enclosure[^>]*\blength="(\d+)"/.exec(item)
  world.enclosure = { url: url.replaceAll('&amp;', '&'), length: Number(length) }
}
