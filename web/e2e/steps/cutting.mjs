// A teacher cuts a sound with the keys alone, then with the mouse, then without script; and looks ahead in a film.

import assert from 'node:assert/strict'
import { signIn, until } from '../browser.mjs'
import { PASSWORD, TEACHER } from '../people.mjs'

export default [
  ['the editor of a sound opens where its address says so', open],
  ['each handle says which it is, where it is and how far it goes', handles],
  ['the keys move a handle by a tenth, a second, ten', keys],
  ['the cut becomes a deposit under the teacher’s eyes', cut],
  ['a piece is taken out, taken back, and both halves become deposits', spans],
  ['a handle follows the mouse', mouse],
  ['a cut that would leave nothing out is not sent', nothing],
  ['a passage is played to its end and no further', listen],
  ['the preview of a film shows the picture of where one points', preview],
  ['the preview follows the keys', previewKeys],
  ['handles of a film show its picture', filmHandles],
  ['without script the form cuts as well', withoutScript],
]

async function open(world) {
  const page = await world.browser.visitor()
  world.teacher = page
  await signIn(page, TEACHER, PASSWORD)
  await openEditor(world, world.sound)
  await world.browser.picture(page, 'cut-editor')
}

async function openEditor(world, deposit) {
  await world.teacher.goto('about:blank')
  await world.teacher.goto(`/deposits/${deposit}#cut`)
  await world.teacher.locator('.cut-editor').waitFor()
}

const start = (page, number = 1) => page.getByRole('slider', { name: `Début du passage ${number}`, exact: true })
const end = (page, number = 1) => page.getByRole('slider', { name: `Fin du passage ${number}`, exact: true })
const seconds = async (handle) => Number(await handle.getAttribute('aria-valuenow'))
const kept = (page) => page.locator('input[name=keep]').inputValue()

async function handles(world) {
  const page = world.teacher
  assert.equal(await seconds(start(page)), 0)
  assert.equal(await start(page).getAttribute('aria-valuetext'), '0 s')
  const whole = await seconds(end(page))
  assert.ok(whole > 20 && whole < 30, `${whole} s`)
  assert.equal(Number(await end(page).getAttribute('aria-valuemax')), whole)
  assert.ok(Math.abs(Number(await start(page).getAttribute('aria-valuemax')) - (whole - 0.1)) < 0.11)
  for (const handle of [start(page), end(page)]) {
    const box = await handle.boundingBox()
    assert.ok(box.width >= 44 && box.height >= 44, `a finger finds ${box.width} by ${box.height}`)
  }
}

async function keys(world) {
  const page = world.teacher
  await start(page).focus()
  for (const key of ['Shift+ArrowRight', 'Shift+ArrowRight', 'Shift+ArrowRight', 'Shift+ArrowRight', 'Shift+ArrowLeft']) {
    await page.keyboard.press(key)
  }
  for (let presses = 0; presses < 5; presses += 1) await page.keyboard.press('ArrowRight')
  assert.equal(await seconds(start(page)), 3.5)
  assert.equal(await start(page).getAttribute('aria-valuetext'), '3,5 s')
  await page.keyboard.press('Tab')
  assert.ok(await end(page).evaluate((handle) => handle === document.activeElement), 'the other handle is next')
  await page.keyboard.press('Home')
  await page.keyboard.press('PageUp')
  assert.equal(await end(page).getAttribute('aria-valuetext'), '13,6 s')
  assert.equal(await kept(page), '0:00:03.500-0:00:13.600')
  assert.match(await page.locator('.cut-total').innerText(), /Vous gardez 10,1 s sur 2\d(,\d)? s/)
  await page.getByRole('button', { name: 'Couper et garder 10,1 s' }).waitFor()
  await world.browser.picture(page, 'cut-kept')
}

/** Sends the form and waits until its cut has become so many ready deposits, in the same page. */
async function send(world, count) {
  const page = world.teacher
  await page.locator('form.cut button[data-effect]').focus()
  await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')])
  await page.evaluate(() => { window.sameVisit = true })
  const rows = page.locator('#cuts article.row')
  await until(`${count} deposits to be ready`, async () => {
    return (await rows.count()) === count && (await rows.locator('.state, progress').count()) === 0
  })
  assert.ok(await page.evaluate(() => window.sameVisit), 'the page was reloaded')
}

async function cut(world) {
  await send(world, 1)
  assert.match(await world.teacher.locator('#cuts h3').innerText(), /memo – extrait/)
  await world.browser.picture(world.teacher, 'cut-done')
}

async function spans(world) {
  const page = world.teacher
  await openEditor(world, world.sound)
  await page.getByRole('button', { name: 'Enlever un morceau' }).click()
  await start(page, 2).waitFor()
  await page.getByRole('button', { name: 'Annuler' }).click()
  assert.equal(await start(page, 2).count(), 0, 'the piece is back')
  assert.equal(await kept(page), '')
  await page.getByRole('button', { name: 'Enlever un morceau' }).click()
  await page.getByRole('button', { name: 'Ajouter un passage' }).click()
  await page.getByRole('button', { name: 'Retirer le passage 2' }).click()
  assert.equal(await page.locator('.cut-passages li').count(), 2)
  await page.getByText('Un enregistrement par passage').click()
  await page.getByRole('button', { name: 'Couper en 2 enregistrements' }).waitFor()
  await world.browser.picture(page, 'cut-two')
  await send(world, 3)
}

async function mouse(world) {
  const page = world.teacher
  await openEditor(world, world.sound)
  const box = await end(page).boundingBox()
  const whole = await seconds(end(page))
  await page.mouse.move(box.x + 8, box.y + box.height / 2)
  await page.mouse.down()
  await page.mouse.move(box.x - 100, box.y + box.height / 2, { steps: 5 })
  await page.mouse.up()
  const track = await page.locator('.cut-length').boundingBox()
  const expected = whole - (108 / (track.width - 72)) * whole
  assert.ok(Math.abs((await seconds(end(page))) - expected) < 0.2, `${await seconds(end(page))} instead of ${expected}`)
  await page.keyboard.press('Control+z')
  assert.equal(await seconds(end(page)), whole)
}

async function nothing(world) {
  const page = world.teacher
  await openEditor(world, world.sound)
  await page.locator('form.cut button[data-effect]').click()
  await page.getByText('Tout est encore gardé').waitFor()
  assert.ok(await start(page).evaluate((handle) => handle === document.activeElement))
}

async function listen(world) {
  const page = world.teacher
  await openEditor(world, world.sound)
  await end(page).focus()
  await page.keyboard.press('Home')
  for (let presses = 0; presses < 9; presses += 1) await page.keyboard.press('ArrowRight')
  await page.getByRole('button', { name: 'Écouter le passage 1' }).click()
  const audio = page.locator('.player audio')
  await until('the passage to end', () => audio.evaluate((media) => media.paused && media.currentTime > 0.5))
  const at = await audio.evaluate((media) => media.currentTime)
  assert.ok(at >= 0.95 && at < 2.5, `it stopped at ${at} s instead of 1 s`)
}

/** Whether anything was drawn on a canvas. */
function isDrawn(canvas) {
  return canvas.evaluate((element) => {
    const { data } = element.getContext('2d').getImageData(0, 0, element.width, element.height)
    return new Set(data).size > 16
  })
}

async function preview(world) {
  const page = world.teacher
  await page.goto(`/deposits/${world.film}`)
  const strip = page.getByRole('slider', { name: 'Parcourir la vidéo en images' })
  await until('the strip to be drawn', () => isDrawn(strip.locator('.strip-film canvas')))
  const bubble = strip.locator('.bubble')
  assert.ok(!(await bubble.isVisible()))
  const box = await strip.boundingBox()
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  await bubble.waitFor()
  assert.equal((await bubble.innerText()).trim(), '0:05')
  await until('the picture to be drawn', () => isDrawn(bubble.locator('canvas')))
  const middle = (await bubble.boundingBox()).x + (await bubble.boundingBox()).width / 2
  assert.ok(Math.abs(middle - (box.x + box.width / 2)) < 2, 'the picture is not above where one points')
  await world.browser.picture(page, 'film-preview')
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  await page.mouse.down()
  await page.mouse.up()
  const video = page.locator('.player video')
  await until('the film to go there', () => video.evaluate((media) => Math.abs(media.currentTime - 5) < 0.3))
  await page.mouse.move(0, 0)
  await bubble.waitFor({ state: 'hidden' })
}

async function previewKeys(world) {
  const page = world.teacher
  await page.goto(`/deposits/${world.film}`)
  const strip = page.getByRole('slider', { name: 'Parcourir la vidéo en images' })
  await page.locator('.player .speed').focus()
  await until('the strip to get the focus', async () => {
    await page.keyboard.press('Tab')
    return strip.evaluate((element) => element === document.activeElement)
  })
  await page.keyboard.press('ArrowRight')
  await strip.locator('.bubble').waitFor()
  await until('the film to go on', () => page.locator('.player video').evaluate((media) => Math.abs(media.currentTime - 5) < 0.3))
  await until('the strip to say so', async () => /^0:05/.test(await strip.getAttribute('aria-valuetext')))
}

async function filmHandles(world) {
  const page = world.teacher
  await openEditor(world, world.film)
  await until('the pictures to be drawn', () => isDrawn(page.locator('.cut-film')))
  await start(page).focus()
  await page.keyboard.press('PageUp')
  const bubble = page.locator('.cut-timeline .bubble')
  await bubble.waitFor()
  assert.ok(await isDrawn(bubble.locator('canvas')))
  await world.browser.picture(page, 'cut-film')
}

async function withoutScript(world) {
  const page = await world.browser.visitor({ script: false })
  await signIn(page, TEACHER, PASSWORD)
  await page.goto(`/deposits/${world.sound}`)
  await page.locator('summary', { hasText: 'Couper' }).click()
  await page.getByLabel('Passages à garder').fill('0:02-0:04.5')
  await page.getByLabel('Un seul enregistrement').check()
  await page.getByRole('button', { name: 'Couper' }).click()
  await page.getByText('C’est parti').waitFor()
  await until('the deposit to be there after reloading', async () => {
    await page.reload()
    return (await page.locator('#cuts article.row').count()) === 4
  })
}
