// What surrounds it: the calendar, the other device, the other language, the administration, and every page once more.

import assert from 'node:assert/strict'
import { signIn } from '../browser.mjs'
import { ADMINISTRATOR, PASSWORD, PUPIL } from '../people.mjs'
import { calendar } from '../readers.mjs'
import { DUE, HOMEWORK } from './homework.mjs'

export default [
  ['the pupil’s calendar address is read by another program', calendarRead],
  ['signing out everywhere ends the session of another device', signOutEverywhere],
  ['the pages speak English when asked', english],
  ['the administration closes and opens a module', modules],
  ['every page of every role opens quietly', everyPage],
]

async function calendarRead(world) {
  const page = world.pupil
  await page.goto('/agenda')
  await page.getByRole('button', { name: 'Obtenir mon adresse' }).click()
  const address = await page.getByRole('textbox', { name: 'Adresse de l’agenda' }).inputValue()
  await world.browser.picture(page, 'agenda')
  const answer = await fetch(address)
  assert.equal(answer.status, 200)
  assert.match(answer.headers.get('content-type'), /^text\/calendar/)
  const events = calendar(await answer.text())
  const due = events.find((event) => event.summary.includes(HOMEWORK))
  assert.ok(due, `no due date among ${JSON.stringify(events)}`)
  assert.ok([due.start, due.end].some((time) => time && inParis(time) === DUE), `${JSON.stringify(due)} is not due ${DUE}`)
}

/** A moment as clocks in the school show it, `2026-11-26T14:00`. */
function inParis(time) {
  return new Date(time).toLocaleString('sv-SE', { timeZone: 'Europe/Paris' }).replace(' ', 'T').slice(0, 16)
}

async function signOutEverywhere(world) {
  const other = await world.browser.visitor()
  await signIn(other, PUPIL, PASSWORD)
  await other.goto('/podcasts')
  await world.pupil.goto('/account')
  await world.browser.picture(world.pupil, 'account')
  await world.pupil.getByRole('button', { name: 'Se déconnecter partout' }).click()
  await world.pupil.waitForLoadState()
  await other.goto('/podcasts')
  assert.equal(new URL(other.url()).pathname, '/sign-in', 'the other device is still signed in')
  await signIn(world.pupil, PUPIL, PASSWORD)
}

async function english(world) {
  const page = await world.browser.visitor()
  await page.goto('/sign-in')
  await page.getByRole('button', { name: 'English' }).click()
  await page.getByLabel('Password').waitFor()
  await signIn(page, PUPIL, PASSWORD)
  assert.equal(await page.locator('html').getAttribute('lang'), 'en')
  await world.browser.picture(page, 'pupil-home-english')
  await page.goto('/podcasts')
  await page.getByRole('button', { name: 'Subscribe' }).first().waitFor()
}

async function modules(world) {
  const page = await world.browser.visitor()
  world.administrator = page
  await signIn(page, ADMINISTRATOR, PASSWORD)
  await world.browser.picture(page, 'admin-home')
  await page.goto('/admin/modules')
  await world.browser.picture(page, 'admin-modules')
  await switchHomework(page)
  await world.pupil.goto('/')
  assert.equal(await world.pupil.locator('.nav a[href="/assignments"]').count(), 0, 'a closed module is still offered')
  await switchHomework(page)
  await world.pupil.goto('/')
  assert.equal(await world.pupil.locator('.nav a[href="/assignments"]').count(), 1, 'an open module is not offered')
}

/** Closes the homework module, or opens it; from the page of the modules. */
export async function switchHomework(page) {
  await page.locator('.module', { has: page.locator('input[value=homework]') }).getByRole('button').click()
  await page.getByText('Le réglage est pris en compte').waitFor()
}

/** Follows every link of the navigation, the tools and the help, for each role. */
async function everyPage(world) {
  for (const role of ['teacher', 'pupil', 'parent', 'administrator']) {
    const page = world[role]
    await page.goto('/')
    const links = await page.locator('.nav a, .tools a').evaluateAll((all) => all.map((link) => link.getAttribute('href')))
    for (const link of links) {
      const answer = await page.goto(link)
      assert.equal(answer.status(), 200, `${role}: ${link}`)
      await page.locator('h1').first().waitFor()
      assertWords(await page.locator('body').innerText(), link)
      await world.browser.picture(page, `all-${role}${link.replaceAll('/', '-')}`)
    }
  }
}

/** Words that were never written show as their keys. */
function assertWords(text, link) {
  const key = /\b(?:js|code|state|status|role|module|help|notice|failure|done|error)-[a-z]+(?:-[a-z]+)+\b/.exec(text)
  assert.equal(key, null, `${link} shows ${key?.[0]} instead of words`)
}
