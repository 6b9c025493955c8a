// Recording in a page as a person does it: allow the microphone, see the bar move, press the round button.

import assert from 'node:assert/strict'
import { until } from './browser.mjs'

/** Opens the microphone and starts; the page must say that it hears the voice before anything is recorded. */
export async function start(page) {
  const booth = page.locator('balado-recorder')
  // A browser that was allowed before opens the microphone by itself; any other waits for the round button.
  await booth.locator('.booth-bar').waitFor({ timeout: 5000 }).catch(() => booth.locator('button.round-ask').click())
  await booth.getByText('On vous entend bien').waitFor()
  await booth.getByRole('button', { name: 'Commencer' }).click()
  await booth.getByText('Enregistrement en cours').waitFor()
  return booth
}

/** Stops and waits for the player of what was recorded. */
export async function stop(booth) {
  await booth.getByRole('button', { name: 'Terminer' }).click()
  const player = booth.locator('.player-audio')
  await player.waitFor()
  return player
}

/** The time the booth shows, in seconds. */
export async function shownSeconds(booth) {
  const parts = (await booth.locator('.booth-time').innerText()).split(':').map(Number)
  return parts.reduce((sum, part) => sum * 60 + part, 0)
}

/** Waits until the booth's clock has reached a number of seconds. */
export async function recorded(booth, seconds) {
  await until(`${seconds} s to be recorded`, async () => (await shownSeconds(booth)) >= seconds)
}

/** A paused clock stands still. */
export async function standsStill(page, booth) {
  const before = await shownSeconds(booth)
  await page.waitForTimeout(1600)
  assert.equal(await shownSeconds(booth), before, 'the clock runs on while paused')
}
