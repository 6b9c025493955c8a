// A scenario of steps.mjs through a real browser; `day` unless the command line names another. In `day` a teacher's voice
// reaches a pupil, a pupil's answer reaches the teacher, a parent follows, and the calendar and the mail are read by programs
// that are not ours.
//
// crates/balado/tests/balado/browser.rs starts the service, the worker and the mail sink, and gives:
//   BASE_URL       origin of the running service with the school of fixtures/school.csv
//   FIXTURES       the folder fixtures/
//   MAILS          (day) the Maildir of the mail sink
//   WORKER         (day, mishaps) process id of the worker
//   TEACHER_TOKEN  (day, mishaps) bearer token of lou.martin
//   SOUND, FILM    (cutting) ids of two ready deposits of lou.martin, of memo.webm and of clip.mp4
//   E2E_SHOTS      (optional) folder for pictures of every page
// Exits 0 when every step held, else 1 after saying which did not and why.

import path from 'node:path'
import { Browser } from './browser.mjs'
import { scenarios } from './steps.mjs'

const [name = 'day'] = process.argv.slice(2)
const needs = { day: ['MAILS', 'WORKER', 'TEACHER_TOKEN'], cutting: ['SOUND', 'FILM'], mishaps: ['WORKER', 'TEACHER_TOKEN'] }
const missing = ['BASE_URL', 'FIXTURES', ...needs[name]].filter((name) => !process.env[name])
if (missing.length > 0) {
  console.error(`${missing.join(', ')} must be set: see the top of web/e2e/scenario.mjs`)
  process.exit(64)
}
const { BASE_URL, FIXTURES, MAILS, WORKER, TEACHER_TOKEN, SOUND, FILM, E2E_SHOTS } = process.env

const browser = await Browser.open({ base: BASE_URL, fixtures: FIXTURES, shots: E2E_SHOTS })
/** What one step leaves for the next. */
const world = {
  base: BASE_URL, fixtures: FIXTURES, mails: MAILS, worker: Number(WORKER), token: TEACHER_TOKEN, sound: SOUND, film: FILM, browser,
}
let failed = false
for (const [number, [claim, run]] of scenarios[name].entries()) {
  const started = Date.now()
  try {
    await run(world)
    browser.assertQuiet()
    console.log(`ok    ${String(number + 1).padStart(2)} ${claim} (${((Date.now() - started) / 1000).toFixed(1)} s)`)
  } catch (error) {
    failed = true
    console.log(`FAIL  ${String(number + 1).padStart(2)} ${claim}\n${error.stack}`)
    for (const fault of browser.faults) console.log(`      also: ${fault}`)
    await look()
    break
  }
}
await browser.close()
process.exit(failed ? 1 : 0)

/** What every open page shows at the moment of a failure. */
async function look() {
  let number = 0
  for (const context of browser.chrome.contexts()) {
    for (const page of context.pages()) {
      const text = await page.locator('body').innerText({ timeout: 5000 }).catch(() => '')
      console.log(`--- ${page.url()}\n${text.slice(0, 1500)}`)
      number += 1
      if (E2E_SHOTS) await page.screenshot({ path: path.join(E2E_SHOTS, `failure-${number}.png`) }).catch(() => {})
    }
  }
}
