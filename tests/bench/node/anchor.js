// What an able team writes with Node by hand; the benchmark's anchors.
//   node anchor.js ws|sio PORT BYTES PAGE_BYTES SECRET [STORE_SOCKET]
// A "B" (ws) or event "B" (socket.io) sends BYTES to everybody; a vote is one atomic step in the store (ioredis
// with automatic pipelining) and is acknowledged on its reply. GET / gives a page made and packed beforehand, of
// PAGE_BYTES over the wire, with a new device's signed cookie. A socket is let in by that cookie and its Origin,
// and gets the present state, BYTES made beforehand, as its first message.
'use strict';
const http = require('http');
const zlib = require('zlib');
const crypto = require('crypto');

const [, , kind, port, bytes, pageBytes, secret, storeSocket] = process.argv;
const text = 'x'.repeat(Math.max(1, Number(bytes)));
const state = 'y'.repeat(Math.max(1, Number(bytes)));
let html = '<!doctype html><title>Vote</title>\n';
let page = zlib.gzipSync(html);
while (page.length < Number(pageBytes)) {
  html += `<p>${crypto.randomBytes(24).toString('base64')}</p>\n`;
  page = zlib.gzipSync(html);
}

const seal = (device) => crypto.createHmac('sha1', secret).update(device).digest('base64url');
const isKnown = (request) => {
  const found = /(?:^|; )device=([\w-]+)\.([\w-]+)/.exec(request.headers.cookie ?? '');
  if (!found || request.headers.origin !== `http://${request.headers.host}`) return false;
  const [good, given] = [Buffer.from(seal(found[1])), Buffer.from(found[2])];
  return good.length === given.length && crypto.timingSafeEqual(good, given);
};

const server = http.createServer((request, response) => {
  const device = crypto.randomBytes(16).toString('base64url');
  response.writeHead(200, {
    'Cache-Control': 'no-store',
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Encoding': 'gzip',
    'Content-Length': page.length,
    'Set-Cookie': `device=${device}.${seal(device)}; HttpOnly; Max-Age=2592000; Path=/; SameSite=Lax`,
    Vary: 'Accept-Encoding',
  });
  response.end(page);
});

let vote = async () => 1;
if (storeSocket) {
  const Redis = require('ioredis');
  const store = new (Redis.default || Redis)({ path: storeSocket, enableAutoPipelining: true });
  store.defineCommand('vote', {
    numberOfKeys: 3,
    lua: `if redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2]) == 1 then
      redis.call('HINCRBY', KEYS[2], ARGV[2], 1)
      redis.call('XADD', KEYS[3], '*', 'v', ARGV[1], 'c', ARGV[2])
      return 1 end return 0`,
  });
  const isGood = (v) =>
    v.t === 'vote' && Number.isInteger(v.choice) && v.choice >= 0 && v.choice < 6 && v.voter.length < 40;
  vote = async (v) =>
    isGood(v) ? store.vote(`b:${v.poll}`, `t:${v.poll}`, `s:${v.poll}`, v.voter, v.choice) : 0;
}

if (kind === 'ws') {
  const { WebSocketServer } = require('ws');
  const sockets = new WebSocketServer({ server, perMessageDeflate: false, verifyClient: ({ req }) => isKnown(req) });
  sockets.on('connection', (socket) => {
    socket.send(state);
    socket.on('message', async (message) => {
      if (message.length === 1) {
        for (const other of sockets.clients) other.send(text);
        return;
      }
      const v = JSON.parse(message);
      socket.send(JSON.stringify({ t: 'ack', seq: v.seq, ok: await vote(v) }));
    });
  });
} else {
  const { Server } = require('socket.io');
  // The load client reads only while it is measured, so it must not be pinged out meanwhile.
  const io = new Server(server, {
    perMessageDeflate: false,
    pingInterval: 3_600_000,
    allowRequest: (request, answer) => answer(null, isKnown(request)),
  });
  io.on('connection', (socket) => {
    socket.emit('state', state);
    socket.on('B', () => io.emit('r', text));
    socket.on('vote', async (v) => socket.emit('ack', { t: 'ack', seq: v.seq, ok: await vote(v) }));
  });
}
server.listen(Number(port), '127.0.0.1', 4096);
