// Expiration, termination, checksums, and whose upload it is (T20 to T22, T32, T38).

import assert from 'node:assert/strict'
import { wav } from '../client.mjs'

const SIZE = 32 * 1024

export default [
  {
    id: 'T20',
    claim: 'an unfinished upload says until when it lives, and activity never brings the date nearer',
    async run(server) {
      const created = await server.create({ 'Upload-Length': String(SIZE) })
      const first = Date.parse(created.headers['upload-expires'] ?? '')
      assert.ok(first > Date.now(), `Upload-Expires: ${created.headers['upload-expires']}`)
      const patched = await server.patch(created.headers.location, 0, wav(SIZE).subarray(0, 1000))
      assert.ok(Date.parse(patched.headers['upload-expires'] ?? '') >= first, `then ${patched.headers['upload-expires']}`)
    },
  },
  {
    id: 'T21',
    claim: 'a terminated upload is gone for every verb',
    async run(server) {
      const upload = await server.open(SIZE)
      await server.patch(upload, 0, wav(SIZE).subarray(0, 1000))
      assert.equal((await server.send('DELETE', upload)).status, 204)
      for (const answer of [await server.head(upload), await server.patch(upload, 1000, 'x'), await server.send('DELETE', upload)]) {
        assert.ok([404, 410].includes(answer.status), `status ${answer.status}`)
      }
    },
  },
  {
    id: 'T21b',
    claim: 'a finished upload is not terminated: the deposit stays',
    async run(server) {
      const upload = await server.open(SIZE)
      const bytes = wav(SIZE)
      await server.patch(upload, 0, bytes)
      const answer = await server.send('DELETE', upload)
      assert.ok(answer.status >= 400 && answer.status < 500, `status ${answer.status}`)
      assert.ok((await server.readBack(upload)).equals(bytes), 'the bytes differ')
    },
  },
  {
    id: 'T22',
    claim: 'a checksum is either announced and checked, or refused: never ignored',
    async run(server) {
      const { headers } = await server.send('OPTIONS', server.path)
      const isAnnounced = /(^|,)checksum(,|$)/.test(headers['tus-extension'] ?? '')
      const upload = await server.open(SIZE)
      const wrong = { 'Upload-Checksum': `sha1 ${Buffer.alloc(20).toString('base64')}` }
      const answer = await server.patch(upload, 0, wav(SIZE).subarray(0, 1000), { headers: wrong })
      assert.equal(answer.status, isAnnounced ? 460 : 400)
      assert.equal(await server.offset(upload), 0)
    },
  },
  {
    id: 'T32',
    claim: "another person's upload does not exist, for every verb",
    async run(server) {
      const upload = await server.open(SIZE)
      const token = server.otherToken
      assert.ok(token, 'OTHER_TOKEN is needed')
      const answers = [
        await server.head(upload, { token }),
        await server.patch(upload, 0, wav(1000), { token }),
        await server.send('DELETE', upload, { token }),
      ]
      for (const answer of answers) assert.equal(answer.status, 404)
      assert.equal(await server.offset(upload), 0)
    },
  },
  {
    id: 'T32b',
    claim: 'nobody without a token creates an upload, and a live one is locked for them rather than lost',
    async run(server) {
      assert.equal((await server.create({ 'Upload-Length': '10' }, { token: null })).status, 401)
      const upload = await server.open(SIZE)
      for (const answer of [await server.head(upload, { token: null }), await server.patch(upload, 0, 'x', { token: null })]) {
        assert.ok([423, 503].includes(answer.status), `status ${answer.status}`)
      }
    },
  },
  {
    id: 'T32c',
    claim: 'an id is at least 128 random bits, and no spelling of a path is one',
    async run(server) {
      const ids = new Set()
      for (let count = 0; count < 5; count += 1) ids.add((await server.open(10)).split('/').pop())
      assert.equal(ids.size, 5)
      for (const id of ids) assert.ok(id.replace(/-/g, '').length >= 22, `id ${id}`)
      const traps = ['..%2f..%2fetc%2fpasswd', '%2e%2e', 'a%00b', '..%5c..', `${[...ids][0]}%2f..%2f${[...ids][1]}`]
      for (const trap of traps) {
        const { status, headers } = await server.head(`${server.path}/${trap}`)
        assert.ok([400, 404].includes(status), `${trap} -> ${status}`)
        assert.equal(headers['upload-offset'], undefined)
      }
    },
  },
  {
    id: 'T38',
    claim: 'the address of an upload gives no bytes away',
    async run(server) {
      const upload = await server.open(SIZE)
      const bytes = wav(SIZE)
      await server.patch(upload, 0, bytes)
      const answer = await server.send('GET', upload)
      assert.ok(answer.status >= 400, `status ${answer.status}`)
      assert.ok(!answer.raw.includes(bytes.subarray(0, 200)), 'the bytes came back')
    },
  },
]
