// tus 1.0 core: what a server says about itself, where an upload stands, appending bytes (T1 to T12).

import assert from 'node:assert/strict'
import { OFFSET_STREAM, firstStatus, wav } from '../client.mjs'

const SIZE = 64 * 1024

export default [
  {
    id: 'T1',
    claim: 'OPTIONS says which versions, extensions and sizes there are, whatever version is asked',
    async run(server) {
      const answer = await server.send('OPTIONS', server.path, { version: '0.2.2', token: null })
      assert.ok([200, 204].includes(answer.status), `status ${answer.status}`)
      assert.equal(answer.headers['tus-version'], '1.0.0')
      assert.match(answer.headers['tus-extension'] ?? '', /(^|,)creation(,|$)/)
      assert.match(answer.headers['tus-max-size'] ?? '', /^\d+$/)
    },
  },
  {
    id: 'T3',
    claim: 'without a version we speak, POST, PATCH and DELETE are refused with 412 and change nothing',
    async run(server) {
      const upload = await server.open(SIZE)
      for (const version of [null, '0.2.2']) {
        const created = await server.create({ 'Upload-Length': '10' }, { version })
        assert.equal(created.status, 412)
        assert.match(created.headers['tus-version'] ?? '', /1\.0\.0/)
        assert.equal(created.headers.location, undefined)
        assert.equal((await server.patch(upload, 0, wav(SIZE), { version })).status, 412)
        assert.equal((await server.send('DELETE', upload, { version })).status, 412)
      }
      assert.equal(await server.offset(upload), 0)
    },
  },
  {
    id: 'T4',
    claim: 'HEAD tells the offset at the start, in the middle and at the end, and is never cached',
    async run(server) {
      const upload = await server.open(SIZE)
      const bytes = wav(SIZE)
      for (const [from, to] of [[0, 0], [0, 1000], [1000, SIZE]]) {
        if (to > from) await server.patch(upload, from, bytes.subarray(from, to))
        const { status, headers } = await server.head(upload)
        assert.ok([200, 204].includes(status), `status ${status}`)
        assert.equal(headers['upload-offset'], String(to))
        assert.equal(headers['upload-length'], String(SIZE))
        assert.match(headers['cache-control'] ?? '', /no-store/)
      }
    },
  },
  {
    id: 'T4b',
    claim: 'HEAD of an unknown upload is refused without an offset',
    async run(server) {
      const unknown = new URL('00000000-0000-7000-8000-000000000000', await server.open(10)).href
      const { status, headers } = await server.head(unknown)
      assert.ok([403, 404, 410].includes(status), `status ${status}`)
      assert.equal(headers['upload-offset'], undefined)
    },
  },
  {
    id: 'T5',
    claim: 'PATCH answers 204 and the new offset, and the bytes come back as they were sent',
    async run(server) {
      const upload = await server.open(SIZE)
      const bytes = wav(SIZE)
      const first = await server.patch(upload, 0, bytes.subarray(0, 30000))
      assert.equal(first.status, 204)
      assert.equal(first.headers['upload-offset'], '30000')
      const last = await server.patch(upload, 30000, bytes.subarray(30000))
      assert.equal(last.status, 204)
      assert.equal(last.headers['upload-offset'], String(SIZE))
      assert.ok((await server.readBack(upload)).equals(bytes), 'the bytes differ')
    },
  },
  {
    id: 'T6',
    claim: 'another content type is refused with 415 and nothing is kept',
    async run(server) {
      const upload = await server.open(SIZE)
      for (const type of ['application/octet-stream', 'text/plain']) {
        const answer = await server.patch(upload, 0, wav(SIZE), { headers: { 'Content-Type': type } })
        assert.equal(answer.status, 415)
      }
      assert.equal(await server.offset(upload), 0)
    },
  },
  {
    id: 'T7',
    claim: 'an offset that is missing or not a number of bytes is refused with 400',
    async run(server) {
      const upload = await server.open(SIZE)
      for (const offset of ['', '-1', '+5', '1e3', '0x10', '1.5', '9223372036854775808', 'start']) {
        const answer = await server.patch(upload, 0, 'x', { headers: { 'Upload-Offset': offset } })
        assert.equal(answer.status, 400, `Upload-Offset: ${offset}`)
      }
      const missing = await server.send('PATCH', upload, { headers: { 'Content-Type': OFFSET_STREAM }, body: 'x' })
      assert.equal(missing.status, 400)
      assert.equal(await server.offset(upload), 0)
    },
  },
  {
    id: 'T8',
    claim: 'an offset that is not the present one is refused with 409 and changes no byte',
    async run(server) {
      const upload = await server.open(SIZE)
      const bytes = wav(SIZE)
      await server.patch(upload, 0, bytes.subarray(0, 5000))
      for (const offset of [0, 4999, 5001]) {
        assert.equal((await server.patch(upload, offset, wav(1000, 9))).status, 409, `offset ${offset}`)
      }
      await server.patch(upload, 5000, bytes.subarray(5000))
      assert.ok((await server.readBack(upload)).equals(bytes), 'the bytes differ')
    },
  },
  {
    id: 'T9',
    claim: 'PATCH of an unknown upload is 404',
    async run(server) {
      const unknown = new URL('00000000-0000-7000-8000-000000000000', await server.open(10)).href
      assert.equal((await server.patch(unknown, 0, 'x')).status, 404)
    },
  },
  {
    id: 'T10',
    claim: 'a finished upload takes nothing more, and an empty PATCH at its end is harmless',
    async run(server) {
      const upload = await server.open(SIZE)
      const bytes = wav(SIZE)
      await server.patch(upload, 0, bytes)
      const empty = await server.patch(upload, SIZE, Buffer.alloc(0))
      assert.equal(empty.status, 204)
      const more = await server.patch(upload, SIZE, 'more')
      assert.ok(more.status >= 400 && more.status < 500, `status ${more.status}`)
      assert.equal(await server.offset(upload), SIZE)
      assert.ok((await server.readBack(upload)).equals(bytes), 'the bytes differ')
    },
  },
  {
    id: 'T11',
    claim: 'a body without end is cut at the declared length with 413, and the upload is complete once',
    async run(server) {
      const upload = await server.open(SIZE)
      const bytes = wav(SIZE)
      const socket = await server.connect()
      const status = firstStatus(socket)
      socket.write(
        server.start('PATCH', upload, {
          'Content-Type': OFFSET_STREAM,
          'Upload-Offset': '0',
          'Transfer-Encoding': 'chunked',
        }),
      )
      const chunk = (data) => socket.write(Buffer.concat([Buffer.from(`${data.length.toString(16)}\r\n`), data, Buffer.from('\r\n')]))
      chunk(bytes)
      for (let extra = 0; extra < 64 && !socket.destroyed; extra += 1) chunk(Buffer.alloc(16 * 1024, 7))
      socket.write('0\r\n\r\n')
      assert.equal(await status, 413)
      socket.destroy()
      assert.equal(await server.offset(upload), SIZE)
      assert.ok((await server.readBack(upload)).equals(bytes), 'the bytes differ')
    },
  },
  {
    id: 'T12',
    claim: 'X-HTTP-Method-Override stands in for PATCH and DELETE, for the owner only',
    async run(server) {
      const upload = await server.open(SIZE)
      const headers = { 'X-HTTP-Method-Override': 'PATCH', 'Content-Type': OFFSET_STREAM, 'Upload-Offset': '0' }
      const patched = await server.send('POST', upload, { headers, body: wav(1000) })
      assert.equal(patched.status, 204)
      assert.equal(patched.headers['upload-offset'], '1000')
      const remove = { 'X-HTTP-Method-Override': 'DELETE' }
      const other = await server.send('POST', upload, { headers: remove, token: server.otherToken })
      assert.ok([403, 404].includes(other.status), `another person's DELETE: ${other.status}`)
      assert.equal((await server.send('POST', upload, { headers: remove })).status, 204)
    },
  },
]
