// Recordings that a crash interrupts, finished from what the browser kept.

import assert from 'node:assert/strict'
import { recorded, start } from '../booth.mjs'
import { signIn, until } from '../browser.mjs'
import { lose, pieces, recordings } from '../kept.mjs'
import { ADMINISTRATOR, OTHER_PUPIL, OTHER_PUPIL_NAME, PASSWORD, TEACHER } from '../people.mjs'
import { asTeacher, deposits, setHomework } from '../service.mjs'
import { switchHomework } from './around.mjs'

export default [
  ['a recording whose end the browser lost ends where the service is', endsAtTheService],
  ['a recording with a hole ends before it', endsBeforeTheHole],
  ['a second tab says that the first is at it already', secondTab],
  ['a recording that is not taken as homework says so and keeps its button', notTaken],
  ['it is handed in when the homework box is open again, after a reload too', takenLater],
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

async function secondTab(world) {
  const visitor = await world.browser.visitor()
  await signIn(visitor, OTHER_PUPIL, PASSWORD)
  world.homework = await setHomework(world, 'Raconter une histoire')
  await visitor.goto(`/assignments/${world.homework}/hand-in`)
  const { page } = await crash(visitor, 4)
  world.pupil = page
  const second = await page.context().newPage()
  await page.goto('/')
  await second.goto('/')
  await world.browser.picture(page, 'recovery-offer')
  await page.route('**/api/uploads/*', (route) => route.abort())
  await page.getByRole('button', { name: 'Terminer l’envoi' }).click()
  await page.getByText('Le serveur ne répond pas').waitFor()
  const send = second.getByRole('button', { name: 'Terminer l’envoi' })
  await send.click()
  await second.getByText('part déjà depuis un autre onglet').waitFor()
  assert.ok(await send.isEnabled(), 'the button stays busy')
  await world.browser.picture(second, 'recovery-elsewhere')
  await second.close()
  world.browser.forgive(/ERR_FAILED/)
}

async function notTaken(world) {
  world.administrator = await world.browser.visitor()
  await signIn(world.administrator, ADMINISTRATOR, PASSWORD)
  await world.administrator.goto('/admin/modules')
  await switchHomework(world.administrator)
  const page = world.pupil
  await page.unroute('**/api/uploads/*')
  await page.getByRole('heading', { name: 'Un enregistrement n’est pas encore rendu' }).waitFor()
  await page.locator('balado-recovery .trouble').waitFor()
  assert.equal(await page.getByText('Voir ma réponse').count(), 0, 'it says that all is well')
  await world.browser.picture(page, 'recovery-not-handed-in')
  world.browser.forgive(/status of (403|404|409)|ERR_FAILED/)
}

async function takenLater(world) {
  const page = world.pupil
  await page.reload()
  const give = page.locator('balado-recovery').getByRole('button', { name: 'Rendre', exact: true })
  await give.waitFor()
  assert.deepEqual(await pieces(page), [], 'the sound of what has arrived stays on a computer that others use')
  await switchHomework(world.administrator)
  assert.equal(await answerOf(world), null, 'it was handed in although the box was closed')
  await give.click()
  await page.getByRole('button', { name: 'Voir ma réponse' }).waitFor()
  assert.notEqual(await answerOf(world), null)
  assert.equal(await recordings(page), 0)
  await world.browser.picture(page, 'recovery-done')
}

/** What the teacher has of the pupil's homework. */
async function answerOf(world) {
  const { items } = await asTeacher(world, `/api/assignments/${world.homework}/submissions`)
  return items.find((row) => row.pupil.name === OTHER_PUPIL_NAME).submission
}
