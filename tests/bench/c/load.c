/* load.c: the hall. One thread with epoll holds thousands of WebSocket connections and measures what
 * comes back. It obeys lines on standard input and answers each with one line of JSON.
 *
 *   load PORT DIALECT PATH [COOKIES]
 *
 * DIALECT  hemicycle   casts and receipts of our own protocol; line i of the file COOKIES is phone i's cookie
 *          plain       {"t":"vote",...} over a plain WebSocket, acknowledged by "ok":1
 *          sio         the same as events of socket.io
 *
 * Commands (times in ms; every answer carries "cpu_ms", what this program itself used):
 *   connect N INFLIGHT            open connections until N are ready
 *   scan N INFLIGHT PAGE          the same, but each phone first fetches PAGE on a connection of its own and
 *                                 upgrades with the cookie it got there; ready is who has the present state
 *   quiet MS                      read until nothing has come for MS
 *   fan MATCH TIMEOUT [TRIGGER]   say {"armed":1}, send TRIGGER on the first connection, wait until every
 *                                 reading connection has one message that contains MATCH
 *   vote POLL ROUND SPREAD DUP TIMEOUT
 *                                 each connection sends one ballot at a moment within SPREAD (0: all at
 *                                 once), DUP per cent of them twice; wait for every reply
 *   narrow                        connections from now on take little at a time, as on a bad line
 *   each                          of the last `fan`, for each phone: its own address, and when it heard
 *   storm POLL ROUND SPREAD DUP TIMEOUT
 *                                 `hello` from each, then `vote`; who is cut off comes back by itself after a
 *                                 random part of the window that `welcome` gave it, and sends again what was not
 *                                 acknowledged
 *   stage PATH                    open one more connection, whose "counted":K are written down; when one is
 *                                 open, `vote` also says how long ballots took to be seen there
 *   quit
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { FREE, CONNECTING, PAGE, UPGRADING, GREETING, READY, CLOSED };
enum { HEMICYCLE, PLAIN, SIO };
enum { NOTHING, FAN, VOTE, HELLO, STORM };

typedef struct {
  int fd, state, has_heard, is_stage;
  int waiting;     /* replies that this connection still expects */
  double at;       /* when it sent its ballot; in `fan`, when it heard, in s after the beginning */
  double window;   /* how long its way back may take, from `welcome`, in s */
  double lost_at, due; /* when it was cut off, and when it dials again */
  int has_sent, is_acked;
  char *cookie;
  char *rest;      /* the beginning of a frame that has not come whole */
  size_t rest_len;
} phone;

static phone *phones;
static int port, dialect, epoll_fd, held, wanted, inflight, phase, with_page;
static const char *path, *page_path, *match;
static char *stage_path;
static int is_narrow, *away, away_count, ever_away, back_count;
static double *back_s;
static int ready, closed_count, heard, replies, ok, again, refused;
static double *latencies, *sent_by_rank, started;
static int ranks;
static double *stage_at;
static long *stage_counted;
static int stage_pushes;
static long messages;
static double last_message;
static const int MOST = 66000, MOST_PUSHES = 100000;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

static double cpu(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

static void die(const char *what) {
  fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void watch(int i, int operation, int events) {
  struct epoll_event e = {.events = events, .data.u32 = i};
  epoll_ctl(epoll_fd, operation, phones[i].fd, &e);
}

/* Many source addresses, since one has only 28,000 ports towards one server. */
static void dial(int i) {
  phone *p = &phones[i];
  int one = 1;
  p->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (p->fd < 0) die("socket");
  setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  setsockopt(p->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
  if (is_narrow) {
    int small = 4096, segment = 536; /* a large segment makes the kernel of the other side buffer megabytes */
    setsockopt(p->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    setsockopt(p->fd, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment);
  }
  struct sockaddr_in from = {.sin_family = AF_INET};
  from.sin_addr.s_addr = htonl(0x7f010000u + (getpid() % 200) * 64 + i / 4000 + 1);
  if (bind(p->fd, (void *)&from, sizeof from)) die("bind");
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(p->fd, (void *)&to, sizeof to) && errno != EINPROGRESS) die("connect");
  p->state = CONNECTING;
  p->rest_len = 0;
  watch(i, EPOLL_CTL_ADD, EPOLLOUT);
}

static void put(int i, const char *data, int length) {
  int written = write(phones[i].fd, data, length);
  if (written != length) fprintf(stderr, "load: short write %d of %d: %s\n", written, length, strerror(errno));
}

static int frame(char *out, int opcode, const char *text, int length) {
  static const unsigned char mask[4] = {0x37, 0xfa, 0x21, 0x3d};
  unsigned char *b = (void *)out;
  int k = 0;
  b[k++] = 0x80 | opcode;
  if (length < 126) {
    b[k++] = 0x80 | length;
  } else {
    b[k++] = 0x80 | 126;
    b[k++] = length >> 8;
    b[k++] = length & 255;
  }
  memcpy(b + k, mask, 4);
  k += 4;
  for (int i = 0; i < length; i++) b[k++] = text[i] ^ mask[i & 3];
  return k;
}

static void say(int i, int opcode, const char *text, int length) {
  char out[4200];
  put(i, out, frame(out, opcode, text, length));
}

static void ask(int i) {
  phone *p = &phones[i];
  char q[2048], cookie[600] = "";
  const char *agent = "User-Agent: Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15\r\n";
  int n;
  if (p->cookie) snprintf(cookie, sizeof cookie, "Cookie: %s\r\n", p->cookie);
  if (p->state == PAGE) {
    n = snprintf(q, sizeof q,
                 "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%sAccept: text/html\r\nAccept-Language: en\r\n"
                 "Accept-Encoding: gzip\r\n\r\n", page_path, port, agent);
  } else {
    n = snprintf(q, sizeof q,
                 "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                 "Sec-WebSocket-Key: %08xAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
                 "Origin: http://127.0.0.1:%d\r\n%s%s\r\n",
                 p->is_stage ? stage_path : path, port, i * 2654435761u, port, agent, cookie);
  }
  put(i, q, n);
}

static void lost(int i) {
  phone *p = &phones[i];
  if (p->state == CLOSED) return;
  if (p->state >= READY && !p->is_stage) ready--;
  p->state = CLOSED;
  closed_count++;
  epoll_ctl(epoll_fd, EPOLL_CTL_DEL, p->fd, 0);
  close(p->fd);
  if (phase == STORM && !p->is_stage) {
    double at = now();
    if (!p->lost_at) {
      p->lost_at = at;
      ever_away++;
    }
    p->due = at + drand48() * p->window;
    away[away_count++] = i;
  }
}

static void cast_again(int i);

static void is_ready(int i) {
  phone *p = &phones[i];
  p->state = READY;
  if (!p->is_stage) ready++;
  if (phase == STORM && p->lost_at) {
    back_s[back_count++] = now() - p->lost_at;
    p->lost_at = 0;
    if (p->has_sent && !p->is_acked) cast_again(i);
  }
}

static void take_stage(const char *text, int length, double at) {
  const char *found = memmem(text, length, "\"counted\":", 10);
  if (found && stage_pushes < MOST_PUSHES) {
    stage_at[stage_pushes] = at;
    stage_counted[stage_pushes++] = atol(found + 10);
  }
}

static void take_vote(phone *p, const char *text, int length, double at) {
  int is_ok = memmem(text, length, dialect == HEMICYCLE ? "\"receipt\"" : "\"ok\":1", dialect == HEMICYCLE ? 9 : 6) != 0;
  int is_no = dialect == HEMICYCLE ? memmem(text, length, "\"reject\"", 8) != 0
                                   : memmem(text, length, "\"ok\":0", 6) != 0;
  if (!is_ok && !is_no) return;
  if (phase == STORM) { /* a receipt is one, whether the first or the same again */
    replies++;
    if (!is_ok) {
      if (refused++ < 3) fprintf(stderr, "load: refused: %.*s\n", length, text);
    } else if (p->is_acked) {
      again++;
    } else {
      p->is_acked = 1;
      latencies[ok++] = at - p->at;
    }
    return;
  }
  int is_again = dialect == HEMICYCLE ? memmem(text, length, "\"again\":true", 12) != 0 : is_no;
  p->waiting--;
  replies++;
  if (is_again) {
    again++;
  } else if (is_ok) {
    latencies[ok++] = at - p->at;
    sent_by_rank[ranks++] = p->at;
  } else {
    if (refused++ < 3) fprintf(stderr, "load: refused: %.*s\n", length, text);
  }
}

/* Whether a message is the first state that a newcomer gets. */
static int is_state(const char *text, int length) {
  const char *mark = dialect == HEMICYCLE ? "\"type\":\"papers\"" : dialect == SIO ? "42[\"state\"" : "yyy";
  return memmem(text, length, mark, strlen(mark)) != 0;
}

static void on_message(int i, int opcode, const char *text, int length, double at) {
  phone *p = &phones[i];
  if (opcode == 9) say(i, 10, text, length);
  if (opcode == 8) {
    if (closed_count < 3) fprintf(stderr, "load: phone %d closed: %d %.*s\n", i,
        length >= 2 ? (unsigned char)text[0] << 8 | (unsigned char)text[1] : 0, length > 2 ? length - 2 : 0, text + 2);
    lost(i);
    return;
  }
  if (opcode != 1 && opcode != 2) return;
  messages++;
  last_message = at;
  if (dialect == SIO && length) {
    if (text[0] == '0') say(i, 1, "40", 2);
    else if (text[0] == '2' && length == 1) say(i, 1, "3", 1);
    else if (p->state == GREETING && !with_page && length > 1 && text[0] == '4' && text[1] == '0') is_ready(i);
  }
  if (p->state == GREETING && with_page && is_state(text, length)) is_ready(i);
  if (p->is_stage) take_stage(text, length, at);
  else if (phase == VOTE || phase == STORM) take_vote(p, text, length, at);
  else if (phase == HELLO) {
    char *found = memmem(text, length, "\"window_ms\":", 12);
    if (found && !p->has_heard) {
      p->window = atof(found + 12) / 1e3;
      p->has_heard = 1;
      heard++;
    }
  }
  else if (phase == FAN && !p->has_heard && memmem(text, length, match, strlen(match))) {
    p->has_heard = 1;
    latencies[heard++] = p->at = at - started;
  }
}

static void parse(int i, char *data, size_t length) {
  phone *p = &phones[i];
  unsigned char *u = (void *)data;
  double at = now();
  while (length >= 2 && p->state != CLOSED) {
    size_t head = 2, size = u[1] & 127;
    if (size == 126) {
      if (length < 4) break;
      size = u[2] << 8 | u[3];
      head = 4;
    } else if (size == 127) {
      if (length < 10) break;
      size = (size_t)u[6] << 24 | u[7] << 16 | u[8] << 8 | u[9];
      head = 10;
    }
    if (length < head + size) break;
    on_message(i, u[0] & 15, (char *)u + head, size, at);
    u += head + size;
    length -= head + size;
  }
  p->rest_len = length;
  if (length) {
    p->rest = realloc(p->rest, length);
    memcpy(p->rest, u, length);
  }
}

/* The page has come whole: keep its cookie, hang up, and dial again for the socket. */
static int took_page(int i, char *data, size_t length) {
  phone *p = &phones[i];
  char *end = memmem(data, length, "\r\n\r\n", 4);
  if (!end) return 0;
  *end = 0;
  char *size = strcasestr(data, "content-length:");
  if (!size || memcmp(data, "HTTP/1.1 200", 12)) {
    fprintf(stderr, "load: page: %.200s\n", data);
    exit(2);
  }
  size_t whole = end + 4 - data + atol(size + 15);
  if (length < whole) {
    *end = '\r';
    return 0;
  }
  char *cookie = strcasestr(data, "set-cookie:");
  if (cookie) {
    cookie += 11 + strspn(cookie + 11, " ");
    p->cookie = strndup(cookie, strcspn(cookie, ";\r"));
  }
  epoll_ctl(epoll_fd, EPOLL_CTL_DEL, p->fd, 0);
  close(p->fd);
  dial(i);
  p->is_stage = 0;
  p->has_heard = 1; /* has had its page */
  return 1;
}

static char big[1 << 20];

static void readable(int i) {
  phone *p = &phones[i];
  size_t kept = p->rest_len;
  if (kept) memcpy(big, p->rest, kept);
  ssize_t r = read(p->fd, big + kept, sizeof big - kept - 1);
  if (r <= 0) {
    if (r < 0 && errno == EAGAIN) return;
    if (closed_count < 3) fprintf(stderr, "load: phone %d lost in state %d: %s\n", i, p->state, r ? strerror(errno) : "end");
    lost(i);
    return;
  }
  size_t length = kept + r;
  p->rest_len = 0;
  if (p->state == PAGE || p->state == UPGRADING) {
    big[length] = 0;
    if (p->state == PAGE) {
      if (took_page(i, big, length)) return;
    } else {
      char *end = memmem(big, length, "\r\n\r\n", 4);
      if (end) {
        if (memcmp(big, "HTTP/1.1 101", 12)) {
          fprintf(stderr, "load: upgrade: %.300s\n", big);
          exit(2);
        }
        if (dialect == SIO || (with_page && !p->is_stage)) p->state = GREETING;
        else is_ready(i);
        size_t used = end + 4 - big;
        if (length > used) parse(i, big + used, length - used);
        return;
      }
    }
    p->rest = realloc(p->rest, length);
    memcpy(p->rest, big, length);
    p->rest_len = length;
    return;
  }
  parse(i, big, length);
}

static void turn(double most) {
  struct epoll_event events[1024];
  int k = epoll_wait(epoll_fd, events, 1024, most <= 0 ? 0 : (int)(most * 1000) + 1);
  for (int j = 0; j < k; j++) {
    int i = events[j].data.u32;
    phone *p = &phones[i];
    if (p->state == CONNECTING) {
      int error = 0;
      socklen_t size = sizeof error;
      getsockopt(p->fd, SOL_SOCKET, SO_ERROR, &error, &size);
      if (error) {
        errno = error;
        die("connect");
      }
      p->state = with_page && !p->has_heard && !p->is_stage ? PAGE : UPGRADING;
      ask(i);
      watch(i, EPOLL_CTL_MOD, EPOLLIN);
    } else if (p->state != CLOSED) {
      readable(i);
    }
  }
}

static int ballot(char *out, int i, const char *poll, int round);

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static double part(double *sorted, int n, double share) {
  if (!n) return 0;
  int at = (int)(n * share);
  return sorted[at < n ? at : n - 1] * 1e3;
}

static void open_all(int n) {
  double t = now(), c = cpu(), until = t + 120;
  wanted = n;
  while (ready < wanted && now() < until && closed_count < 100) {
    while (held < wanted && held - ready < inflight) {
      phones[held].has_heard = 0;
      dial(held++);
    }
    turn(0.1);
  }
  printf("{\"ready\":%d,\"ms\":%.3f,\"cpu_ms\":%.3f,\"closed\":%d}\n", ready, (now() - t) * 1e3, (cpu() - c) * 1e3, closed_count);
}

static void quiet(double seconds) {
  double c = cpu(), t = now();
  long before = messages;
  last_message = t;
  while (now() - last_message < seconds && now() - t < 60) turn(0.02);
  printf("{\"messages\":%ld,\"ms\":%.3f,\"cpu_ms\":%.3f,\"closed\":%d}\n", messages - before, (now() - t) * 1e3, (cpu() - c) * 1e3, closed_count);
}

static void fan(const char *wanted_text, double timeout, const char *trigger) {
  int listening = 0;
  for (int i = 0; i < held; i++) {
    phones[i].has_heard = 0;
    listening += phones[i].state == READY && !phones[i].is_stage;
  }
  match = wanted_text;
  heard = 0;
  phase = FAN;
  double c = cpu();
  printf("{\"armed\":1}\n");
  fflush(stdout);
  started = now();
  if (trigger) say(0, 1, trigger, strlen(trigger));
  while (heard < listening && now() - started < timeout) turn(0.05);
  double used = cpu() - c;
  phase = NOTHING;
  qsort(latencies, heard, sizeof *latencies, by_size);
  double first = part(latencies, heard, 0), last = part(latencies, heard, 1);
  printf("{\"heard\":%d,\"of\":%d,\"first_ms\":%.3f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"last_ms\":%.3f,\"cpu_ms\":%.3f,\"closed\":%d,\"began_s\":%.6f}\n",
         heard, listening, first, part(latencies, heard, .5), part(latencies, heard, .99), last, used * 1e3, closed_count, started);
}

static void each(void) {
  const char *between = "[";
  for (int i = 0; i < held; i++) {
    if (phones[i].state != READY || phones[i].is_stage) continue;
    struct sockaddr_in own;
    socklen_t size = sizeof own;
    getsockname(phones[i].fd, (void *)&own, &size);
    printf("%s[\"%08X:%04X\",%.3f]", between, own.sin_addr.s_addr, ntohs(own.sin_port),
           phones[i].has_heard ? phones[i].at * 1e3 : -1);
    between = ",";
  }
  printf("%s]\n", *between == '[' ? "[" : "");
}

static int ballot(char *out, int i, const char *poll, int round) {
  char text[400];
  int n, choice = i % 6 + 1;
  if (dialect == HEMICYCLE)
    n = snprintf(text, sizeof text,
                 "{\"type\":\"cast\",\"poll\":\"%s\",\"round\":%d,\"rev\":1,\"nonce\":\"bench-%08d-%d\",\"selections\":[\"%d\"],\"ref\":%d}",
                 poll, round, i, round, choice, i);
  else
    n = snprintf(text, sizeof text,
                 dialect == SIO ? "42[\"vote\",{\"t\":\"vote\",\"poll\":\"%s%03d\",\"voter\":\"v%06d-9f3ac1\",\"choice\":%d,\"seq\":%d}]"
                                : "{\"t\":\"vote\",\"poll\":\"%s%03d\",\"voter\":\"v%06d-9f3ac1\",\"choice\":%d,\"seq\":%d}",
                 poll, round, i, choice - 1, i);
  return frame(out, 1, text, n);
}

static void vote(const char *poll, int round, double spread, int twice_percent, double timeout) {
  int n = 0, expected = 0;
  int *voters = malloc(held * sizeof *voters);
  for (int i = 0; i < held; i++)
    if (phones[i].state == READY && !phones[i].is_stage) voters[n++] = i;
  char *frames = malloc((size_t)n * 512);
  int *sizes = malloc(n * sizeof *sizes);
  for (int k = 0; k < n; k++) sizes[k] = ballot(frames + (size_t)k * 512, voters[k], poll, round);
  ok = again = refused = replies = ranks = 0;
  stage_pushes = 0;
  phase = VOTE;
  double c = cpu(), t = now(), until = t + spread + timeout, sent_ms = 0;
  for (int k = 0; k < n || replies < expected;) {
    double left = now();
    if (left > until) break;
    int burst = 0;
    while (k < n && (spread == 0 || now() >= t + spread * k / n) && (spread == 0 || burst++ < 64)) {
      int i = voters[(int)((k * 7919L) % n)]; /* not in the order of joining */
      if (n % 7919 == 0) i = voters[k];
      char *data = frames + (size_t)((k * 7919L) % n) * 512;
      int size = sizes[(k * 7919L) % n];
      phone *p = &phones[i];
      p->at = now();
      put(i, data, size);
      expected++;
      if (k % 100 < twice_percent) {
        put(i, data, size);
        expected++;
      }
      if (++k == n) sent_ms = (now() - t) * 1e3;
    }
    turn(k < n && spread > 0 ? 0.0005 : 0.05);
  }
  double drained = now() - t, used = cpu() - c;
  for (double end = now() + 0.5; stage_path && now() < end;) turn(0.02);
  phase = NOTHING;
  qsort(latencies, ok, sizeof *latencies, by_size);
  printf("{\"sent\":%d,\"ok\":%d,\"again\":%d,\"refused\":%d,\"drain_ms\":%.3f,\"send_ms\":%.3f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"cpu_ms\":%.3f,\"closed\":%d",
         expected, ok, again, refused, drained * 1e3, sent_ms, part(latencies, ok, .5), part(latencies, ok, .99), used * 1e3, closed_count);
  if (stage_path) { /* the k-th ballot in the order of replies is seen with the first push that counts k */
    int seen = 0;
    for (int rank = 0, push = 0; rank < ranks && push < stage_pushes;) {
      if (stage_counted[push] > rank) latencies[seen++] = stage_at[push] - sent_by_rank[rank++];
      else push++;
    }
    qsort(latencies, seen, sizeof *latencies, by_size);
    printf(",\"seen\":%d,\"stage_pushes\":%d,\"stage_p50_ms\":%.3f,\"stage_p99_ms\":%.3f,\"stage_max_ms\":%.3f",
           seen, stage_pushes, part(latencies, seen, .5), part(latencies, seen, .99), part(latencies, seen, 1));
  }
  printf("}\n");
  free(voters);
  free(frames);
  free(sizes);
}

static const char *storm_poll;
static int storm_round;

static void cast_again(int i) {
  char out[512];
  put(i, out, ballot(out, i, storm_poll, storm_round));
}

static void storm(const char *poll, int round, double spread, int twice_percent, double timeout) {
  int n = 0, windows = 0, *voters = malloc(held * sizeof *voters);
  heard = 0;
  phase = HELLO;
  for (int i = 0; i < held; i++) {
    phone *p = &phones[i];
    if (p->state != READY || p->is_stage) continue;
    p->has_heard = p->has_sent = p->is_acked = 0;
    p->lost_at = 0;
    voters[n++] = i;
  }
  for (int k = 0; k < n; k++) {
    say(voters[k], 1, "{\"type\":\"hello\",\"v\":1}", 22);
    if (k % 100 == 99) turn(0.01);
  }
  for (double until = now() + 20; heard < n && now() < until;) turn(0.05);
  windows = heard;
  double widest = 0;
  for (int k = 0; k < n; k++)
    if (phones[voters[k]].window > widest) widest = phones[voters[k]].window;
  ok = again = refused = replies = away_count = ever_away = back_count = 0;
  storm_poll = poll;
  storm_round = round;
  phase = STORM;
  printf("{\"armed\":1}\n");
  fflush(stdout);
  double c = cpu(), t = now(), until = t + spread + timeout;
  int left = n, next = 0; /* voters[next..n-1] have not come to their moment */
  for (int k = n - 1; k > 0; k--) { /* not in the order of joining */
    int other = (int)(drand48() * (k + 1)), held_over = voters[k];
    voters[k] = voters[other];
    voters[other] = held_over;
  }
  while (now() < until && (left || ok < n || away_count || ready < n)) {
    while (next < n && now() >= t + spread * next / n) {
      int i = voters[next];
      phone *p = &phones[i];
      p->at = now();
      p->has_sent = 1; /* who is away sends when it is back */
      if (p->state == READY) {
        cast_again(i);
        if (next % 100 < twice_percent) cast_again(i);
      }
      next++;
      left--;
    }
    double at = now();
    for (int k = 0; k < away_count;) {
      if (phones[away[k]].due <= at) {
        int i = away[k];
        away[k] = away[--away_count];
        dial(i);
      } else {
        k++;
      }
    }
    turn(0.002);
  }
  double took = now() - t, used = cpu() - c;
  phase = NOTHING;
  qsort(latencies, ok, sizeof *latencies, by_size);
  qsort(back_s, back_count, sizeof *back_s, by_size);
  printf("{\"sent\":%d,\"windows\":%d,\"window_s\":%.3f,\"ok\":%d,\"again\":%d,\"refused\":%d,\"away\":%d,\"back\":%d,"
         "\"ready\":%d,\"ms\":%.3f,\"p99_ms\":%.3f,\"cpu_ms\":%.3f,\"back_s\":[",
         n, windows, widest, ok, again, refused, ever_away, back_count, ready, took * 1e3, part(latencies, ok, .99),
         used * 1e3);
  for (int k = 0; k < back_count; k++) printf("%s%.3f", k ? "," : "", back_s[k]);
  printf("]}\n");
  closed_count = 0;
  free(voters);
}

static void open_stage(const char *where) {
  stage_path = strdup(where);
  phones[held].is_stage = 1;
  phones[held].cookie = phones[0].cookie;
  dial(held++);
  for (double until = now() + 10; phones[held - 1].state != READY && now() < until;) turn(0.05);
  printf("{\"stage\":%d}\n", phones[held - 1].state == READY);
}

int main(int argc, char **argv) {
  if (argc < 4) return 64;
  struct rlimit most;
  signal(SIGPIPE, SIG_IGN); /* a server that was killed is no reason to end */
  getrlimit(RLIMIT_NOFILE, &most);
  most.rlim_cur = most.rlim_max;
  setrlimit(RLIMIT_NOFILE, &most);
  port = atoi(argv[1]);
  dialect = !strcmp(argv[2], "sio") ? SIO : !strcmp(argv[2], "plain") ? PLAIN : HEMICYCLE;
  path = argv[3];
  phones = calloc(MOST, sizeof *phones);
  latencies = malloc(sizeof(double) * MOST * 4);
  sent_by_rank = malloc(sizeof(double) * MOST * 4);
  away = malloc(sizeof(int) * MOST);
  back_s = malloc(sizeof(double) * MOST * 4);
  srand48(getpid());
  stage_at = malloc(sizeof(double) * MOST_PUSHES);
  stage_counted = malloc(sizeof(long) * MOST_PUSHES);
  epoll_fd = epoll_create1(0);
  if (argc > 4) {
    FILE *file = fopen(argv[4], "r");
    char line[1024];
    if (!file) die("cookies");
    for (int i = 0; i < MOST && fgets(line, sizeof line, file); i++) {
      line[strcspn(line, "\n")] = 0;
      phones[i].cookie = strdup(line);
    }
    fclose(file);
  }
  char line[4096], word[16], text[256], more[2048];
  while (fgets(line, sizeof line, stdin)) {
    int a = 0, b = 0;
    double x = 0, y = 0;
    *more = 0;
    if (sscanf(line, "%15s", word) != 1) continue;
    if (!strcmp(word, "connect") && sscanf(line, "%*s %d %d", &a, &inflight) == 2) {
      with_page = 0;
      open_all(a);
    } else if (!strcmp(word, "scan") && sscanf(line, "%*s %d %d %255s", &a, &inflight, text) == 3) {
      with_page = 1;
      page_path = strdup(text);
      open_all(a);
    } else if (!strcmp(word, "quiet") && sscanf(line, "%*s %lf", &x) == 1) {
      quiet(x / 1e3);
    } else if (!strcmp(word, "fan") && sscanf(line, "%*s %255s %lf %2047s", text, &x, more) >= 2) {
      fan(text, x / 1e3, *more ? more : 0);
    } else if (!strcmp(word, "vote") && sscanf(line, "%*s %255s %d %lf %d %lf", text, &a, &x, &b, &y) == 5) {
      vote(text, a, x / 1e3, b, y / 1e3);
    } else if (!strcmp(word, "stage") && sscanf(line, "%*s %255s", text) == 1) {
      open_stage(text);
    } else if (!strcmp(word, "storm") && sscanf(line, "%*s %255s %d %lf %d %lf", text, &a, &x, &b, &y) == 5) {
      storm(text, a, x / 1e3, b, y / 1e3);
    } else if (!strcmp(word, "narrow")) {
      is_narrow = 1;
      printf("{}\n");
    } else if (!strcmp(word, "each")) {
      each();
    } else if (!strcmp(word, "quit")) {
      return 0;
    } else {
      printf("{\"error\":\"unknown command\"}\n");
    }
    fflush(stdout);
  }
  return 0;
}
