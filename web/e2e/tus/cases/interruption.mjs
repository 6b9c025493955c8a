// Two writers, broken connections, lost answers (T24 to T26, T31). Crashes of the server itself are the business of the
// tests that start it.

import assert from 'node:assert/strict'
import { OFFSET_STREAM, until, wav } from '../client.mjs'

const SIZE = 512 * 1024
const HALF = SIZE / 2

/** Begins a PATCH of `total` bytes on a connection of its own and sends the first `sent` of them. */
async function begin(server, upload, bytes, sent) {
  const socket = await server.connect()
  const headers = { 'Content-Type': OFFSET_STREAM, 'Upload-Offset': '0', 'Content-Length': String(bytes.length) }
  socket.write(server.start('PATCH', upload, headers))
  await new Promise((resolve) => socket.write(bytes.subarray(0, sent), resolve))
  return socket
}

/** Sends what is missing from the offset the server tells, as a client that comes back does. */
async function resume(server, upload, bytes) {
  const answer = await until(async () => {
    const offset = await server.offset(upload)
    const sent = await server.patch(upload, offset, bytes.subarray(offset))
    return [409, 423, 503].includes(sent.status) ? undefined : sent
  }, 15000)
  assert.equal(answer?.status, 204)
  assert.ok((await server.readBack(upload)).equals(bytes), 'the bytes differ')
}

export default [
  {
    id: 'T24',
    claim: 'of two PATCHes at one offset exactly one wins, and the bytes are of one writer',
    async run(server) {
      for (let round = 0; round < 5; round += 1) {
        const upload = await server.open(SIZE)
        const writers = [wav(SIZE, 2 * round + 1), wav(SIZE, 2 * round + 2)]
        const answers = await Promise.all(writers.map((bytes) => server.patch(upload, 0, bytes)))
        const statuses = answers.map((answer) => answer.status)
        assert.equal(statuses.filter((status) => status === 204).length, 1, `statuses ${statuses}`)
        assert.ok(statuses.every((status) => [204, 409, 423].includes(status)), `statuses ${statuses}`)
        const kept = await server.readBack(upload)
        assert.ok(kept.equals(writers[statuses.indexOf(204)]), 'the bytes are of neither')
      }
    },
  },
  {
    id: 'T25',
    claim: 'a writer that fell silent does not hold the upload: HEAD answers within 5 s and the rest can be sent',
    async run(server) {
      const upload = await server.open(SIZE)
      const bytes = wav(SIZE)
      const socket = await begin(server, upload, bytes, HALF)
      const asked = Date.now()
      const { headers } = await server.head(upload)
      assert.ok(Date.now() - asked < 5000, 'HEAD took more than 5 s')
      assert.ok(Number(headers['upload-offset']) <= HALF, `offset ${headers['upload-offset']}`)
      await resume(server, upload, bytes)
      socket.destroy()
    },
  },
  {
    id: 'T26',
    claim: 'a connection closed in the middle of a body keeps every byte the server had read',
    async run(server) {
      const upload = await server.open(SIZE)
      const bytes = wav(SIZE)
      const socket = await begin(server, upload, bytes, HALF)
      // Asking for the offset would end the request, so time is all that can be given to read what was sent.
      await new Promise((resolve) => setTimeout(resolve, 2000))
      socket.end()
      const kept = await until(async () => (await server.offset(upload)) === HALF)
      assert.ok(kept, `offset ${await server.offset(upload)} after ${HALF} bytes`)
      await resume(server, upload, bytes)
    },
  },
  {
    id: 'T26a',
    claim: 'an end in the same breath as the bytes costs at most the 128 KiB that were being read, and the file is completed',
    async run(server) {
      const upload = await server.open(SIZE)
      const bytes = wav(SIZE)
      const socket = await begin(server, upload, bytes, HALF)
      socket.end()
      const kept = await until(async () => (await server.offset(upload)) >= HALF - 128 * 1024)
      assert.ok(kept, `offset ${await server.offset(upload)} after ${HALF} bytes`)
      await resume(server, upload, bytes)
    },
  },
  {
    id: 'T26b',
    claim: 'a connection reset in the middle of a body leaves an offset from which the file can be completed',
    async run(server) {
      const upload = await server.open(SIZE)
      const bytes = wav(SIZE)
      const socket = await begin(server, upload, bytes, HALF)
      socket.resetAndDestroy()
      await resume(server, upload, bytes)
    },
  },
  {
    id: 'T31',
    claim: 'a client whose last answer was lost finds the upload complete, and does not make it twice',
    async run(server) {
      const upload = await server.open(SIZE)
      const bytes = wav(SIZE)
      await server.patch(upload, 0, bytes.subarray(0, HALF))
      await server.patch(upload, HALF, bytes.subarray(HALF))
      assert.equal((await server.patch(upload, HALF, bytes.subarray(HALF))).status, 409)
      assert.equal(await server.offset(upload), SIZE)
      assert.ok((await server.readBack(upload)).equals(bytes), 'the bytes differ')
    },
  },
]
