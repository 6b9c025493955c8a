// Debian's Chromium with a microphone that speaks, one separate visitor per person, and two rules no page may break:
// nothing is asked of another host, and nothing is said in the console (a breach of the content policy is said there).

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { chromium } from 'playwright-core'

const PROGRAM = '/usr/bin/chromium'

/** Longest wait for anything, in milliseconds: far beyond what is needed, so that a loaded machine fails nothing. */
export const PATIENCE = 60_000

/** The two windows pages are looked at in. */
const WINDOWS = { phone: { width: 390, height: 844 }, desk: { width: 1280, height: 800 } }

/** One browser for the whole scenario. */
export class Browser {
  static async open({ base, fixtures, shots }) {
    const voice = path.join(fixtures, 'media', 'answer.wav')
    assert.ok(fs.existsSync(PROGRAM), `${PROGRAM} is missing: run scripts/bootstrap test`)
    assert.ok(fs.existsSync(voice), `${voice} is missing`)
    // Playwright makes a user-data-dir of its own for each launch and deletes it afterwards.
    const chrome = await chromium.launch({
      executablePath: PROGRAM,
      headless: true,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--use-fake-device-for-media-stream',
        '--use-fake-ui-for-media-stream',
        `--use-file-for-fake-audio-capture=${voice}`,
      ],
    })
    return new Browser(chrome, base, shots)
  }

  constructor(chrome, base, shots) {
    this.chrome = chrome
    this.base = base
    this.shots = shots
    this.faults = []
    this.pages = new Set()
  }

  /** A person at a device of their own: cookies and storage are theirs alone. Gives their first page. */
  async visitor({ language = 'fr-FR', script = true } = {}) {
    const context = await this.chrome.newContext({
      baseURL: this.base,
      locale: language,
      timezoneId: 'Europe/Paris',
      viewport: WINDOWS.desk,
      javaScriptEnabled: script,
    })
    context.setDefaultTimeout(PATIENCE)
    const host = new URL(this.base).host
    context.on('request', (request) => {
      const url = new URL(request.url())
      if (['http:', 'https:', 'ws:', 'wss:'].includes(url.protocol) && url.host !== host) {
        this.faults.push(`a page asked ${url.href}, which is another host`)
      }
    })
    context.on('console', (message) => {
      if (message.type() === 'error') this.faults.push(`${message.page()?.url()} said: ${message.text()}`)
    })
    context.on('weberror', (error) => this.faults.push(`${error.page()?.url()} threw: ${error.error().message}`))
    const page = await context.newPage()
    this.pages.add(page)
    return page
  }

  /** Both rules, checked after each step so that the step that broke one is named. */
  assertQuiet() {
    assert.deepEqual(this.faults.splice(0), [], 'pages broke a rule')
  }

  /** A step that makes requests fail on purpose names them: what the console said of those breaks no rule. */
  forgive(pattern) {
    this.faults = this.faults.filter((fault) => !pattern.test(fault))
  }

  /** Pictures of a page in both windows, for people to look at; only when a folder for them was named. */
  async picture(page, name) {
    if (!this.shots) return
    fs.mkdirSync(this.shots, { recursive: true })
    for (const [window, size] of Object.entries(WINDOWS)) {
      await page.setViewportSize(size)
      // Drawings follow the new width in the next frame, and lists may still be fetching their shapes.
      await page.waitForTimeout(250)
      await page.screenshot({ path: path.join(this.shots, `${name}-${window}.png`), fullPage: true })
    }
    await page.setViewportSize(WINDOWS.desk)
  }

  async close() {
    await this.chrome.close()
  }
}

/** Fills the form of the sign-in page and waits for what comes after. */
export async function signIn(page, login, password) {
  await page.goto('/sign-in')
  await page.locator('input[name=login]').fill(login)
  await page.locator('input[name=password]').fill(password)
  await Promise.all([page.waitForURL((url) => url.pathname !== '/sign-in'), page.locator('form[action="/sign-in"] button').click()])
}

/** Ends the session of a visitor. */
export async function signOut(page) {
  await page.goto('/account')
  const button = page.getByRole('button', { name: 'Se déconnecter', exact: true })
  await Promise.all([page.waitForURL((url) => url.pathname !== '/account'), button.click()])
}

/** Plays what a player holds until time passes in it. */
export async function plays(player) {
  await player.locator('button.play').click()
  await timePasses(player.locator('audio'))
}

/** Waits until an audio or video element has really played half a second. */
export async function timePasses(media) {
  await until('the sound to advance', async () => (await media.evaluate((element) => element.currentTime)) > 0.5)
}

/** Looks again and again until `look` gives something true; gives that. */
export async function until(what, look, limit = PATIENCE) {
  const end = Date.now() + limit
  for (;;) {
    const seen = await look()
    if (seen) return seen
    if (Date.now() > end) throw new Error(`waited ${limit / 1000} s for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}
