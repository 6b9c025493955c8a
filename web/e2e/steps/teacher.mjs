// A teacher: signs in with the keyboard alone, records, deposits, publishes to two classes.

import assert from 'node:assert/strict'
import path from 'node:path'
import { recorded, standsStill, start, stop } from '../booth.mjs'
import { plays, until } from '../browser.mjs'
import { PASSWORD, PUPIL_MAIL, TEACHER } from '../people.mjs'
import { mails } from '../readers.mjs'
import { freeze, thaw } from '../service.mjs'

export const RECORDING = 'Le corbeau et le renard'
export const CLIP = 'La marée haute'

export default [
  ['the sign-in page works with the keys alone', keyboardSignIn],
  ['a teacher records: the upload holds bytes before the end', record],
  ['what was recorded can be heard, then goes to the publish page', hear],
  ['it is published to two classes at once', (world) => publishTo(world, RECORDING)],
  ['a file is deposited with progress', deposit],
  ['it becomes ready under the teacher’s eyes, without reloading', becomesReady],
  ['it is published to two classes too', publishClip],
  ['publications show what was published', publications],
  ['a mail tells the pupil, through a real SMTP server', mailArrives],
]

async function keyboardSignIn(world) {
  const page = await world.browser.visitor()
  world.teacher = page
  await page.goto('/sign-in')
  await world.browser.picture(page, 'sign-in')
  await tabTo(page, 'login')
  await page.keyboard.type(TEACHER)
  await tabTo(page, 'password')
  await page.keyboard.type(PASSWORD)
  await page.keyboard.press('Enter')
  await page.waitForURL((url) => url.pathname === '/')
  await page.getByRole('heading', { level: 1, name: /Lou/ }).waitFor()
  await world.browser.picture(page, 'teacher-home-empty')
}

/** Moves with the Tab key until the field of that name has the focus. */
async function tabTo(page, name) {
  for (let presses = 0; presses < 12; presses += 1) {
    if ((await page.evaluate(() => document.activeElement?.getAttribute('name'))) === name) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`12 presses of Tab do not reach the field ${name}`)
}

async function record(world) {
  const page = world.teacher
  const opened = page.waitForResponse((response) => {
    return response.request().method() === 'POST' && new URL(response.url()).pathname === '/api/uploads'
  })
  await page.goto('/')
  await page.locator('.doors a[href="/record"]').click()
  const booth = await start(page)
  const answer = await opened
  assert.equal(answer.status(), 201)
  const deposit = new URL(answer.headers()['balado-deposit'], world.base)
  await until('bytes in the upload while recording', async () => (await arrived(world, deposit)) > 0)
  await recorded(booth, 3)
  await world.browser.picture(page, 'record-recording')
  await booth.getByRole('button', { name: 'Pause' }).click()
  await booth.getByText('En pause').waitFor()
  await standsStill(page, booth)
  const before = await arrived(world, deposit)
  await booth.getByRole('button', { name: 'Reprendre' }).click()
  await booth.getByText('Enregistrement en cours').waitFor()
  await recorded(booth, 6)
  await until('more bytes after the pause', async () => (await arrived(world, deposit)) > before)
  world.player = await stop(booth)
}

/** How many bytes of a deposit the service keeps. Asking the upload instead would take it over from the page. */
async function arrived(world, deposit) {
  const answer = await fetch(deposit, { headers: { Authorization: `Bearer ${world.token}` } })
  assert.equal(answer.status, 200)
  return (await answer.json()).size_bytes
}

async function hear(world) {
  const page = world.teacher
  await plays(world.player)
  await page.getByText('Tout est en sécurité').waitFor()
  await world.browser.picture(page, 'record-review')
  await page.getByRole('button', { name: 'Publier pour…' }).click()
  await page.waitForURL((url) => url.pathname === '/publish')
}

async function publishTo(world, title) {
  const page = world.teacher
  await page.locator('#field-title').fill(title)
  await page.locator('.choice', { hasText: '5eA' }).click()
  await page.locator('.choice', { hasText: '5eB' }).click()
  await world.browser.picture(page, `publish-${title.length}`)
  await page.getByRole('button', { name: 'Publier maintenant pour 5eA et 5eB' }).click()
  await page.waitForURL((url) => /^\/publications\/[^/]+$/.test(url.pathname))
  await page.getByText(title).first().waitFor()
  assert.equal(await page.locator('.join').count(), 2, 'one address to show per class')
  assert.ok(await page.locator('.join .qr svg').first().isVisible(), 'a QR code to project')
  await world.browser.picture(page, `published-${title.length}`)
}

async function deposit(world) {
  const page = world.teacher
  // The recording first, so that the frozen worker holds no job.
  await page.goto('/publications')
  await until('the recording to be published', async () => {
    await page.goto('/publications')
    return (await page.locator('.row', { hasText: RECORDING }).locator('.state').count()) === 0
  })
  await freeze(world)
  await page.goto('/deposit')
  await world.browser.picture(page, 'deposit')
  await page.locator('balado-uploader input[type=file]').setInputFiles(path.join(world.fixtures, 'media', 'clip.mp4'))
  const row = page.locator('.sending li')
  await row.getByText('clip.mp4').waitFor()
  await row.getByText('En sécurité').waitFor()
  assert.equal(await row.locator('progress').evaluate((bar) => bar.value), 1000, 'the bar is not full')
  world.publishClip = await row.getByRole('button', { name: 'Publier pour…' }).getAttribute('href')
  await world.browser.picture(page, 'deposit-sent')
}

async function becomesReady(world) {
  const page = world.teacher
  await page.goto('/deposits')
  const row = page.locator('.row', { hasText: 'clip.mp4' })
  await row.getByText('en préparation').first().waitFor()
  await world.browser.picture(page, 'deposits-preparing')
  await page.evaluate(() => { window.sameVisit = true })
  thaw(world)
  await until('the deposit to become ready in the open page', async () => {
    return (await row.locator('progress').count()) === 0 && (await row.locator('.thumb img').count()) === 1
  })
  assert.ok(await page.evaluate(() => window.sameVisit), 'the page was reloaded')
  await world.browser.picture(page, 'deposits')
  await row.locator('h3 a').click()
  await page.locator('video').first().waitFor()
  await world.browser.picture(page, 'deposit-ready')
}

async function publishClip(world) {
  await world.teacher.goto(world.publishClip)
  await publishTo(world, CLIP)
}

async function publications(world) {
  const page = world.teacher
  await page.goto('/publications')
  for (const title of [RECORDING, CLIP]) {
    const row = page.locator('.row', { hasText: title })
    await row.waitFor()
    assert.match(await row.innerText(), /5eA[\s\S]*5eB|5eB[\s\S]*5eA/, 'both classes are named')
  }
  await world.browser.picture(page, 'publications')
  await page.locator('.row h3 a', { hasText: CLIP }).click()
  await page.locator('video').waitFor()
  await world.browser.picture(page, 'publication-teacher')
}

async function mailArrives(world) {
  const found = await until('a mail for the pupil', () => {
    return mails(world.mails).find((mail) => mail.to.includes(PUPIL_MAIL) && (mail.subject + mail.text).includes(RECORDING))
  })
  assert.ok(found.text.includes(world.base), 'the mail holds the address of the page')
}
