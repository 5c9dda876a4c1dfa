// What an able team writes with Node by hand; the benchmark's anchors.
//   node anchor.js ws|sio PORT BYTES [STORE_SOCKET]
// A "B" (ws) or event "B" (socket.io) sends BYTES to everybody; a vote is one atomic step in the store (ioredis
// with automatic pipelining) and is acknowledged on its reply. GET / gives a page of 10 kB with a cookie.
'use strict';
const http = require('http');
const zlib = require('zlib');
const crypto = require('crypto');

const [, , kind, port, bytes, storeSocket] = process.argv;
const text = 'x'.repeat(Math.max(1, Number(bytes || 316)));
const paragraph = () => `<p>${crypto.randomBytes(60).toString('base64')}</p>\n`;
const page = zlib.gzipSync(`<!doctype html><title>Vote</title>\n${Array.from({ length: 110 }, paragraph).join('')}`);
const server = http.createServer((request, response) => {
  response.writeHead(200, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Encoding': 'gzip',
    'Content-Length': page.length,
    'Set-Cookie': `device=${crypto.randomBytes(16).toString('base64url')}; HttpOnly; Path=/`,
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
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  sockets.on('connection', (socket) =>
    socket.on('message', async (message) => {
      if (message.length === 1) {
        for (const other of sockets.clients) other.send(text);
        return;
      }
      const v = JSON.parse(message);
      socket.send(JSON.stringify({ t: 'ack', seq: v.seq, ok: await vote(v) }));
    }),
  );
} else {
  const { Server } = require('socket.io');
  // The load client reads only while it is measured, so it must not be pinged out meanwhile.
  const io = new Server(server, { perMessageDeflate: false, pingInterval: 3_600_000 });
  io.on('connection', (socket) => {
    socket.on('B', () => io.emit('r', text));
    socket.on('vote', async (v) => socket.emit('ack', { t: 'ack', seq: v.seq, ok: await vote(v) }));
  });
}
server.listen(Number(port), '127.0.0.1', 4096);
