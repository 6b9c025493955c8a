// Runs every case against a server, one after the other, and tells each outcome in one line.

import clients from './cases/clients.mjs'
import core from './cases/core.mjs'
import creation from './cases/creation.mjs'
import interruption from './cases/interruption.mjs'
import life from './cases/life.mjs'

/** What all the other cases saw: it is judged last. */
const everyAnswer = {
  id: 'T2',
  claim: 'every answer but that of OPTIONS, errors included, says Tus-Resumable: 1.0.0',
  async run(server) {
    if (server.withoutVersion.length > 0) throw new Error(server.withoutVersion.slice(0, 5).join('; '))
  },
}

export const cases = [...core, ...creation, ...life, ...interruption, ...clients, everyAnswer]

/** Gives the failures as a map from the id of a case to what went wrong. */
export async function run(server) {
  const failures = new Map()
  for (const { id, claim, run: attempt } of cases) {
    try {
      await attempt(server)
      console.log(`ok    ${id.padEnd(5)} ${claim}`)
    } catch (error) {
      failures.set(id, error)
      console.log(`FAIL  ${id.padEnd(5)} ${claim}\n            ${String(error.message).split('\n').slice(0, 4).join(' | ')}`)
    }
  }
  return failures
}
