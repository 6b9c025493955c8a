// Sessions that end while something is being sent, on a computer that several people use.

import assert from 'node:assert/strict'
import path from 'node:path'
import { recorded, shownSeconds, start, stop } from '../booth.mjs'
import { signIn, signOut, until } from '../browser.mjs'
import { pieces, recordings } from '../kept.mjs'
import { OTHER_PUPIL, OTHER_PUPIL_NAME, PASSWORD, PUPIL, TEACHER, TEACHER_NAME } from '../people.mjs'
import { asTeacher, deposits, setHomework } from '../service.mjs'

export default [
  ['a recording waits when somebody else signs in', waitsForItsOwner],
  ['it arrives when its owner is back', arrivesForItsOwner],
  ['and is handed in, even in a third session', handedInLater],
  ['one that was left before it was handed in is offered at home', leftBefore],
  ['a take that was begun again leaves nothing behind', takenAgain],
  ['a recording under way goes on in the next session', goesOn],
  ['a file waits when somebody else signs in, and arrives when its owner is back', fileWaits],
  ['a file whose session ends on the way goes on in the next', fileGoesOn],
]

/** What the console says of requests that are refused while the owner is away. */
const REFUSED = /status of (401|403|404|423)|ERR_FAILED/

/** What a browser says to a page when somebody turns to it; Playwright's pages believe to be in front always. */
async function comeBack(page) {
  await page.evaluate(() => window.dispatchEvent(new Event('focus')))
}

async function waitsForItsOwner(world) {
  const page = await world.browser.visitor()
  world.pupil = page
  world.otherTab = await page.context().newPage()
  await signIn(page, OTHER_PUPIL, PASSWORD)
  await page.goto(`/assignments/${await setHomework(world, 'Dire un poème')}/hand-in`)
  const sent = page.waitForResponse((response) => response.request().method() === 'PATCH' && response.status() === 204)
  const booth = await start(page)
  world.booth = booth
  await sent
  await page.route('**/api/uploads/*', (route) => route.abort())
  await recorded(booth, 5)
  await stop(booth)
  await signOut(world.otherTab)
  await signIn(world.otherTab, PUPIL, PASSWORD)
  await page.unroute('**/api/uploads/*')
  await booth.getByText(`appartient à ${OTHER_PUPIL_NAME}`).waitFor()
  await world.browser.picture(page, 'session-over-recording')
  // Once more, so that it is not the pause before a next trial that was seen.
  const again = page.waitForResponse((response) => new URL(response.url()).pathname === '/account')
  await comeBack(page)
  await again
  assert.deepEqual(await deposits(world.otherTab), [], 'the recording went into another account')
  assert.equal(await recordings(page), 1, 'the copy in the browser')
  world.browser.forgive(REFUSED)
}

async function arrivesForItsOwner(world) {
  await signOut(world.otherTab)
  await signIn(world.otherTab, OTHER_PUPIL, PASSWORD)
  await comeBack(world.pupil)
  await world.booth.getByText('Tout est en sécurité').waitFor()
  assert.equal((await deposits(world.otherTab)).length, 1, 'it began again instead of going on')
  await until('the sound in the browser to be forgotten', async () => (await pieces(world.pupil)).length === 0)
  world.browser.forgive(REFUSED)
}

async function handedInLater(world) {
  const page = world.pupil
  await signOut(world.otherTab)
  await page.getByRole('button', { name: 'Rendre' }).click()
  await page.getByText(`${OTHER_PUPIL_NAME} doit se connecter dans un autre onglet`).waitFor()
  await signIn(world.otherTab, OTHER_PUPIL, PASSWORD)
  await page.getByRole('button', { name: 'Rendre' }).click()
  await page.getByRole('heading', { name: 'Votre travail est rendu' }).waitFor()
  assert.equal(await recordings(page), 0, 'the copy in the browser')
  world.browser.forgive(REFUSED)
}

async function leftBefore(world) {
  const page = world.pupil
  const homework = await setHomework(world, 'Dire un dicton')
  await page.goto(`/assignments/${homework}/hand-in`)
  const booth = await start(page)
  await recorded(booth, 2)
  await stop(booth)
  await booth.getByText('Tout est en sécurité').waitFor()
  await page.goto('/')
  await page.locator('balado-recovery').getByRole('button', { name: 'Rendre', exact: true }).click()
  await page.getByRole('button', { name: 'Voir ma réponse' }).waitFor()
  const { items } = await asTeacher(world, `/api/assignments/${homework}/submissions`)
  assert.ok(items.some((row) => row.submission !== null), 'nothing was handed in')
}

async function takenAgain(world) {
  const { pupil: page, otherTab } = world
  const before = (await deposits(otherTab)).length
  await page.goto(`/assignments/${await setHomework(world, 'Dire une fable')}/hand-in`)
  for (const last of [false, true]) {
    const booth = await start(page)
    await recorded(booth, 2)
    await stop(booth)
    await booth.getByText('Tout est en sécurité').waitFor()
    if (!last) await booth.getByRole('button', { name: 'Recommencer' }).click()
  }
  await page.getByRole('button', { name: 'Rendre' }).click()
  await page.getByRole('heading', { name: 'Votre travail est rendu' }).waitFor()
  assert.equal((await deposits(otherTab)).length, before + 1, 'the first take is still there')
  assert.equal(await recordings(page), 0, 'the copy in the browser')
}

async function goesOn(world) {
  const page = await world.browser.visitor()
  const otherTab = await page.context().newPage()
  Object.assign(world, { teacher: page, otherTab })
  await signIn(page, TEACHER, PASSWORD)
  await page.goto('/record')
  const booth = await start(page)
  const arrives = () => page.waitForResponse((response) => response.request().method() === 'PATCH' && response.status() === 204)
  await arrives()
  await signOut(otherTab)
  await booth.getByText(`appartient à ${TEACHER_NAME}`).waitFor()
  assert.equal(await booth.getByText('Le serveur ne répond pas').count(), 0, 'the service is blamed')
  await world.browser.picture(page, 'session-over-live')
  await signIn(otherTab, TEACHER, PASSWORD)
  const arrived = arrives()
  await comeBack(page)
  await arrived
  await booth.getByText('Sauvegardé à mesure que vous parlez').waitFor()
  const seconds = await shownSeconds(booth)
  await stop(booth)
  await booth.getByText('Tout est en sécurité').waitFor()
  const sound = await until('the sound to be ready', async () => {
    const [deposit, ...others] = await deposits(otherTab)
    assert.deepEqual(others, [], 'it began again instead of going on')
    return deposit.state === 'ready' && deposit.renditions.find((rendition) => rendition.kind === 'mp3')
  })
  assert.ok(sound.duration_ms > (seconds - 1) * 1000, `${sound.duration_ms} ms of ${seconds} s`)
  world.browser.forgive(REFUSED)
}

async function fileWaits(world) {
  const { teacher: page, otherTab } = world
  await page.goto('/deposit')
  await signOut(otherTab)
  await signIn(otherTab, PUPIL, PASSWORD)
  await page.locator('balado-uploader input[type=file]').setInputFiles(path.join(world.fixtures, 'media', 'clip.mp4'))
  const row = page.locator('.sending li')
  await row.getByText(`${TEACHER_NAME} doit se connecter`).waitFor()
  await world.browser.picture(page, 'session-over-file')
  assert.deepEqual(await deposits(otherTab), [], 'the file went into another account')
  await signOut(otherTab)
  await signIn(otherTab, TEACHER, PASSWORD)
  await row.getByRole('button', { name: 'Réessayer' }).click()
  await row.getByText('En sécurité').waitFor()
  assert.equal((await deposits(otherTab)).length, 2)
  world.browser.forgive(REFUSED)
}

async function fileGoesOn(world) {
  const { teacher: page, otherTab } = world
  await page.goto('/deposit')
  // The upload is open when the session ends, so the service answers 423 instead of 401.
  const inNextSession = async (route) => {
    await signOut(otherTab)
    await signIn(otherTab, TEACHER, PASSWORD)
    await route.continue()
  }
  await page.route('**/api/uploads/*', inNextSession, { times: 1 })
  await page.locator('balado-uploader input[type=file]').setInputFiles(path.join(world.fixtures, 'media', 'memo.webm'))
  await page.locator('.sending li').getByText('En sécurité').waitFor({ timeout: 20_000 })
  assert.equal((await deposits(otherTab)).length, 3)
  world.browser.forgive(REFUSED)
}
