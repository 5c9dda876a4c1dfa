/* floor.c: the kernel's price. The least a server can do for a WebSocket, in one thread with epoll.
 *
 *   floor fan PORT BYTES    any message of a client makes it write() one text frame of BYTES to everybody
 *   floor echo PORT         any message of a client is answered by one acknowledgement of 28 bytes
 *
 * The handshake is canned: our load client does not look at the accept key.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static char is_open[70000];
static int fds[70000], held;
static char frame[70000];

int main(int argc, char **argv) {
  if (argc < 3) return 64;
  int is_echo = !strcmp(argv[1], "echo"), one = 1, size = argc > 3 ? atoi(argv[3]) : 316, head = 2;
  struct rlimit most;
  getrlimit(RLIMIT_NOFILE, &most);
  most.rlim_cur = most.rlim_max;
  setrlimit(RLIMIT_NOFILE, &most);
  memset(frame, 'x', sizeof frame);
  frame[0] = (char)0x81;
  if (size < 126) {
    frame[1] = size;
  } else {
    frame[1] = 126;
    frame[2] = size >> 8;
    frame[3] = size & 255;
    head = 4;
  }
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), ep = epoll_create1(0);
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[2]))};
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listener, (void *)&at, sizeof at) || listen(listener, 4096)) {
    perror("floor");
    return 1;
  }
  struct epoll_event e = {.events = EPOLLIN, .data.fd = listener}, events[512];
  epoll_ctl(ep, EPOLL_CTL_ADD, listener, &e);
  static const char answer[] =
      "HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n";
  static const char ack[] = "\x81\x1c{\"t\":\"ack\",\"seq\":1,\"ok\":1} ";
  char data[8192];
  for (;;) {
    int k = epoll_wait(ep, events, 512, -1);
    for (int i = 0; i < k; i++) {
      int fd = events[i].data.fd;
      if (fd == listener) {
        for (int c; (c = accept4(listener, 0, 0, SOCK_NONBLOCK)) >= 0;) {
          setsockopt(c, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
          e.events = EPOLLIN;
          e.data.fd = c;
          epoll_ctl(ep, EPOLL_CTL_ADD, c, &e);
          is_open[c] = 0;
        }
        continue;
      }
      if (read(fd, data, sizeof data) <= 0) {
        close(fd);
        for (int j = 0; is_open[fd] && j < held; j++)
          if (fds[j] == fd) {
            fds[j] = fds[--held];
            break;
          }
        is_open[fd] = 0;
      } else if (!is_open[fd]) {
        if (write(fd, answer, sizeof answer - 1) < 0) continue;
        is_open[fd] = 1;
        fds[held++] = fd;
      } else if (is_echo) {
        if (write(fd, ack, 30) < 0) continue;
      } else {
        for (int j = 0; j < held; j++)
          if (write(fds[j], frame, size + head) < 0) continue;
      }
    }
  }
}
