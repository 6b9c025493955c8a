// Homework: a teacher asks, a pupil answers with their voice, the teacher hears it.

import assert from 'node:assert/strict'
import { recorded, start, stop } from '../booth.mjs'
import { timePasses, until } from '../browser.mjs'

export const HOMEWORK = 'Réciter la fable'
/** In the school's time zone, as the field wants it; far enough to be still to come. */
export const DUE = dueIn(5)

export default [
  ['a teacher gives homework', gives],
  ['the pupil finds it and answers with their voice', answers],
  ['the pupil sees the receipt', receipt],
  ['the teacher hears the answer', heard],
]

function dueIn(days) {
  const day = new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
  return `${day}T17:30`
}

async function gives(world) {
  const page = world.teacher
  await page.goto('/')
  await page.locator('.doors a[href="/assignments/new"]').click()
  await page.locator('#field-title').fill(HOMEWORK)
  await page.locator('#field-instructions').fill('Récitez les dix premiers vers.\n\nPrenez votre temps.')
  await page.locator('.choice', { hasText: '5eB' }).click()
  await page.locator('#field-due_at').fill(DUE)
  await world.browser.picture(page, 'assignment-new')
  await page.getByRole('button', { name: 'Donner ce travail' }).click()
  await page.waitForURL((url) => /^\/assignments\/(?!new)[^/]+$/.test(url.pathname))
  world.assignment = new URL(page.url()).pathname
  await page.getByRole('heading', { level: 1, name: HOMEWORK }).waitFor()
  assert.equal(await page.locator('.grid .status-missing').count(), 4, 'the four pupils of 5eB have not answered')
  await world.browser.picture(page, 'assignment-empty')
}

async function answers(world) {
  const page = world.pupil
  await page.goto('/')
  await world.browser.picture(page, 'pupil-home-homework')
  await page.locator('.homework', { hasText: HOMEWORK }).getByRole('button', { name: 'Rendre' }).click()
  await page.getByText('Récitez les dix premiers vers.').waitFor()
  await world.browser.picture(page, 'hand-in')
  const booth = await start(page)
  await recorded(booth, 4)
  await stop(booth)
  await booth.getByRole('button', { name: 'Rendre' }).click()
  await page.waitForURL((url) => url.searchParams.has('done'))
}

async function receipt(world) {
  const page = world.pupil
  await page.getByRole('heading', { name: 'Votre travail est rendu' }).waitFor()
  assert.match(await page.locator('.receipt').innerText(), /Reçu le \S+ \d+/)
  await page.locator('.receipt audio').waitFor({ state: 'attached' })
  await world.browser.picture(page, 'hand-in-receipt')
}

async function heard(world) {
  const page = world.teacher
  const answer = page.locator('.answer', { hasText: 'Benali' })
  await until('the answer to be playable', async () => {
    await page.goto(world.assignment)
    return (await answer.locator('audio').count()) === 1
  })
  assert.match(await answer.locator('.state').innerText(), /à écouter/i)
  await world.browser.picture(page, 'assignment-answer')
  await page.getByRole('button', { name: 'Tout écouter' }).click()
  await timePasses(answer.locator('audio'))
  await until('the answer to be marked as heard', async () => {
    await page.goto(world.assignment)
    return /^écouté$/i.test(await answer.locator('.state').innerText())
  })
  await page.goto('/')
  await world.browser.picture(page, 'teacher-home')
}
