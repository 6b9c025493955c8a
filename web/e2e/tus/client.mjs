// A bare tus 1.0 client: one function per request, no retries, nothing hidden. It notes every answer that breaks the
// rule all answers share (T2), so that each case checks it without saying so.

import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import tls from 'node:tls'

export const OFFSET_STREAM = 'application/offset+octet-stream'

/** What the cases need to know about the server under test. */
export class Server {
  /** `base`: its origin. `path`: of the upload collection. `token`, `otherToken`: two people's bearer tokens. */
  constructor({ base, path, token, otherToken }) {
    this.base = new URL(base)
    this.path = path
    this.token = token
    this.otherToken = otherToken
    this.withoutVersion = []
  }

  /** One request. `to` is a path, sent as it is written, or an address; `null` leaves `token` or `version` out. */
  async send(method, to, { headers = {}, body, token = this.token, version = '1.0.0' } = {}) {
    const path = to.startsWith('/') ? to : new URL(to).pathname
    const all = { ...headers }
    if (version) all['Tus-Resumable'] = version
    if (token) all.Authorization = `Bearer ${token}`
    const answer = await request(this.base, path, method, all, body)
    if (method !== 'OPTIONS' && answer.headers['tus-resumable'] !== '1.0.0') {
      this.withoutVersion.push(`${method} ${path} -> ${answer.status}`)
    }
    return answer
  }

  create(headers, more = {}) {
    return this.send('POST', this.path, { ...more, headers: { 'Upload-Metadata': METADATA, ...headers } })
  }

  /** An upload of `length` bytes, as its address; `undefined` defers the length. */
  async open(length) {
    const declared = length === undefined ? { 'Upload-Defer-Length': '1' } : { 'Upload-Length': String(length) }
    const answer = await this.create(declared)
    if (answer.status !== 201) throw new Error(`creating an upload answered ${answer.status}: ${answer.body}`)
    return new URL(answer.headers.location, new URL(this.path, this.base)).href
  }

  patch(upload, offset, body, { headers = {}, ...more } = {}) {
    const asked = { 'Content-Type': OFFSET_STREAM, 'Upload-Offset': String(offset), ...headers }
    return this.send('PATCH', upload, { ...more, headers: asked, body })
  }

  head(upload, more) {
    return this.send('HEAD', upload, more)
  }

  /** The offset a HEAD tells, or undefined when it tells none. */
  async offset(upload) {
    const { headers } = await this.head(upload)
    return headers['upload-offset'] === undefined ? undefined : Number(headers['upload-offset'])
  }

  /** A finished upload's bytes, from the deposit it became. */
  async readBack(upload) {
    const { headers } = await this.head(upload)
    const from = headers['balado-deposit'].replace('/api/deposits/', '/media/deposits/') + '/original'
    const answer = await request(this.base, from, 'GET', { Authorization: `Bearer ${this.token}` })
    if (answer.status !== 200) throw new Error(`reading ${from} answered ${answer.status}`)
    return answer.raw
  }

  /** An open connection on which a case writes what it likes. */
  connect() {
    const port = Number(this.base.port) || (this.base.protocol === 'https:' ? 443 : 80)
    const secure = this.base.protocol === 'https:'
    const socket = secure
      ? tls.connect({ host: this.base.hostname, port, servername: this.base.hostname })
      : net.connect({ host: this.base.hostname, port })
    return new Promise((resolve, reject) => {
      socket.once('error', reject)
      socket.once(secure ? 'secureConnect' : 'connect', () => {
        socket.removeListener('error', reject)
        // A case that breaks its own connection expects it to break.
        socket.on('error', () => {})
        resolve(socket)
      })
    })
  }

  /** The first lines of a request, to be written on a connection. */
  start(method, to, headers) {
    const url = new URL(to, this.base)
    const all = { Host: url.host, 'Tus-Resumable': '1.0.0', ...headers }
    if (this.token) all.Authorization = `Bearer ${this.token}`
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
    return `${method} ${url.pathname}${url.search} HTTP/1.1\r\n${lines.join('')}\r\n`
  }
}

/** What a teacher's recording would say about itself. */
export const METADATA = `filename ${base64('écoute n° 1.wav')},filetype ${base64('audio/wav')}`

export function base64(text) {
  return Buffer.from(text, 'utf8').toString('base64')
}

/** A real WAV file of exactly `size` bytes, at least 44: servers look at what they are given. Its samples differ by `seed`. */
export function wav(size, seed = 1) {
  const bytes = Buffer.alloc(size)
  let state = seed
  for (let at = 44; at < size; at += 1) {
    state = (state * 1103515245 + 12345) & 0x7fffffff
    bytes[at] = state >> 16
  }
  bytes.write('RIFF', 0)
  bytes.writeUInt32LE(size - 8, 4)
  bytes.write('WAVEfmt ', 8)
  bytes.writeUInt32LE(16, 16)
  bytes.writeUInt16LE(1, 20)
  bytes.writeUInt16LE(1, 22)
  bytes.writeUInt32LE(16000, 24)
  bytes.writeUInt32LE(16000, 28)
  bytes.writeUInt16LE(1, 32)
  bytes.writeUInt16LE(8, 34)
  bytes.write('data', 36)
  bytes.writeUInt32LE(size - 44, 40)
  return bytes
}

/** Waits until `look` gives something true, for `limit` milliseconds at most; gives the last thing it gave. */
export async function until(look, limit = 5000) {
  const end = Date.now() + limit
  let seen = await look()
  while (!seen && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 50))
    seen = await look()
  }
  return seen
}

/** The status of the first final answer on a connection; 100 is only a permission. */
export function firstStatus(socket, limit = 10000) {
  return new Promise((resolve, reject) => {
    let seen = ''
    const timer = setTimeout(() => reject(new Error(`no answer in ${limit} ms`)), limit)
    const finish = (status) => {
      clearTimeout(timer)
      resolve(status)
    }
    socket.on('data', (chunk) => {
      seen += chunk.toString('latin1')
      const line = /^HTTP\/1\.1 ([2-5]\d\d)/m.exec(seen)
      if (line) finish(Number(line[1]))
    })
    socket.on('close', () => finish(undefined))
  })
}

function request(base, path, method, headers, body) {
  const { request: open } = base.protocol === 'https:' ? https : http
  return new Promise((resolve, reject) => {
    const sent = open(base, { path, method, headers, agent: false, timeout: 30000 }, (answer) => {
      const chunks = []
      answer.on('data', (chunk) => chunks.push(chunk))
      answer.on('end', () => {
        const raw = Buffer.concat(chunks)
        resolve({ status: answer.statusCode, headers: answer.headers, body: raw.toString('utf8'), raw })
      })
      answer.on('error', reject)
    })
    sent.on('timeout', () => sent.destroy(new Error(`${method} ${path}: no answer in 30 s`)))
    sent.on('error', reject)
    if (body !== undefined) sent.setHeader('Content-Length', Buffer.byteLength(body))
    sent.end(body)
  })
}
