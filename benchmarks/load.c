// The load: many clients that speak just enough Engine.IO 4 and Socket.IO over WebSocket.
//
// They connect, which is told by one line of JSON; some of them ask for something again and again,
// all of them count what they are told, and a second line says how it went. One thread, one epoll
// loop: on a core of its own it takes far more than the servers beside it can send.
//
// load.py calls it; `load --help` lists the options. Exit status: 0, or 1 with a sentence on stderr
// when a server refuses, closes a socket or answers that something could not be done.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum {
    BUFFER_BYTES = 128 * 1024,  // the longest frame of a server, and room for the next
    TEXT_BYTES = 32 * 1024,     // the longest packet that is asked with
    MAX_SENT = 8 * 1000 * 1000,
    MAX_LATENCIES = 20 * 1000 * 1000,
    EVENTS_AT_ONCE = 512,
    AT_ONCE = 64,  // handshakes under way
};

static const double CONNECT_LIMIT_SECONDS = 120;
static const double SETTLE_SECONDS = 0.3;  // between the last connect and the first request
static const double DRAIN_SECONDS = 3;     // at the end: nothing comes any more

// What was asked for on the command line.
static struct {
    int port;
    const char *namespace;
    const char *ask;   // a whole packet; each %d becomes the number of the message
    const char *hear;  // the name of the event that is counted
    const char *people;
    int clients;
    int senders;  // the first clients, each keeping `window` messages outstanding
    int window;
    double rate;  // instead: client 0 sends that many a second
    double seconds;
    double warm_up;
    bool hold;
} options = {.namespace = "/", .clients = 1, .senders = 1, .window = 1, .seconds = 1};

enum state { CONNECTING, UPGRADED, READY };

struct client {
    int fd;
    enum state state;
    int outstanding;
    long heard;
    size_t filled;
    unsigned char buffer[BUFFER_BYTES];
};

struct message {
    double sent_at;
    int sender;
};

// One of those who connect: the cookie of their session, and what `auth` is at connect.
struct person {
    char *cookie;
    char *auth;
};

static struct client *clients;
static struct person *people;
static int people_count;
static int ready_count;
static int poller;
static int timer = -1;
static bool is_over;  // standard input has ended, where we hold

static struct message *messages;
static long sent_count;
static long counted_from;  // messages before it were for warming up

static uint32_t *latencies;  // in microseconds
static long latency_count;
static long delivery_count;
static long answer_count;

static char prefix[128];       // of a packet in our namespace, after its two digits
static char heard_prefix[256]; // of the events that are counted
static bool is_answered;       // the packet asks for an acknowledgement
static bool is_marked;         // it carries its number as #17#

__attribute__((format(printf, 1, 2), noreturn)) static void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(1);
}

static void *allocate(size_t count, size_t size) {
    void *memory = calloc(count, size);
    if (!memory) fail("out of memory");
    return memory;
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

// Writing

static void write_all(struct client *client, const unsigned char *bytes, size_t size) {
    while (size) {
        ssize_t written = write(client->fd, bytes, size);
        if (written < 0 && errno == EAGAIN) {
            usleep(50);
            continue;
        }
        if (written < 0) fail("write: %s", strerror(errno));
        bytes += written;
        size -= (size_t)written;
    }
}

// Send a text frame. Clients have to mask; a mask of zeros leaves the text as it is.
static void send_text(struct client *client, const char *text, size_t size) {
    unsigned char frame[TEXT_BYTES + 8] = {0x81};
    size_t head = 2;
    if (size > TEXT_BYTES) fail("a packet is too long to send");
    if (size < 126) {
        frame[1] = (unsigned char)(0x80 | size);
    } else {
        frame[1] = 0x80 | 126;
        frame[2] = (unsigned char)(size >> 8);
        frame[3] = (unsigned char)size;
        head = 4;
    }
    memset(frame + head, 0, 4);
    memcpy(frame + head + 4, text, size);
    write_all(client, frame, head + 4 + size);
}

// Send the next message, its number in place of each %d.
static void send_message(int sender) {
    char text[TEXT_BYTES], number[24];
    char *end = text;
    if (sent_count == MAX_SENT) fail("more messages than there is room for");
    size_t digits = (size_t)snprintf(number, sizeof number, "%ld", sent_count);
    for (const char *rest = options.ask; *rest;) {
        const char *mark = strstr(rest, "%d");
        size_t plain = mark ? (size_t)(mark - rest) : strlen(rest);
        if (end + plain + digits >= text + sizeof text) fail("a packet is too long to send");
        end = mempcpy(end, rest, plain);
        if (mark) end = mempcpy(end, number, digits);
        rest += plain + (mark ? 2 : 0);
    }
    clients[sender].outstanding++;
    messages[sent_count++] = (struct message){.sent_at = now(), .sender = sender};
    send_text(&clients[sender], text, (size_t)(end - text));
}

// Hearing

static void connect_to_namespace(struct client *client) {
    char packet[8 * 1024];
    const char *auth = people_count ? people[(client - clients) % people_count].auth : "";
    int size = snprintf(packet, sizeof packet, "40%s%s", prefix, auth);
    send_text(client, packet, (size_t)size);
}

static void become_ready(struct client *client) {
    if (client->state == READY) return;
    client->state = READY;
    ready_count++;
}

static void finish_one(long number) {
    if (number < 0 || number >= sent_count) fail("an answer to what was never asked");
    clients[messages[number].sender].outstanding--;
}

// Read digits from `*text` on and leave it behind them; return -1 where there are none.
static long take_number(const char **text, const char *end) {
    long number = 0;
    const char *digit = *text;
    for (; digit < end && *digit >= '0' && *digit <= '9'; digit++)
        number = number * 10 + (*digit - '0');
    bool is_none = digit == *text;
    *text = digit;
    return is_none ? -1 : number;
}

// Return the number between two # in a text, or -1.
static long marked_number(const char *text, size_t size) {
    const char *end = text + size;
    while ((text = memchr(text, '#', (size_t)(end - text)))) {
        text++;
        long number = take_number(&text, end);
        if (number >= 0 && text < end && *text == '#') return number;
    }
    return -1;
}

// Without a marker the n-th that a client hears is the n-th that was sent.
static void hear_event(struct client *client, const char *text, size_t size) {
    long number = is_marked ? marked_number(text, size) : client->heard;
    client->heard++;
    if (number < 0 || number >= sent_count) return;
    struct message *message = &messages[number];
    delivery_count++;
    if (!is_answered && &clients[message->sender] == client) finish_one(number);
    if (number >= counted_from && latency_count < MAX_LATENCIES)
        latencies[latency_count++] = (uint32_t)((now() - message->sent_at) * 1e6);
}

static bool starts_with(const char *text, size_t size, const char *start) {
    size_t length = strlen(start);
    return size >= length && !memcmp(text, start, length);
}

static void hear_answer(const char *text, size_t size) {
    const char *end = text + size;
    long number = take_number(&text, end);
    if (!starts_with(text, (size_t)(end - text), "[{\"ok\":true"))
        fail("refused: %.*s", (int)(end - text), text);
    answer_count++;
    finish_one(number);
}

// Take one Engine.IO packet: 0 open, 2 ping, 4 a packet of Socket.IO (0 connect, 2 event,
// 3 acknowledgement, 4 connect refused).
static void hear(struct client *client, const char *text, size_t size) {
    if (starts_with(text, size, "0")) {
        connect_to_namespace(client);
    } else if (starts_with(text, size, "2")) {
        send_text(client, "3", 1);
    } else if (starts_with(text, size, "40")) {
        become_ready(client);
    } else if (starts_with(text, size, "44")) {
        fail("connecting was refused: %.*s", (int)size, text);
    } else if (starts_with(text, size, heard_prefix)) {
        hear_event(client, text, size);
    } else if (starts_with(text, size, "43")) {
        size_t skipped = 2 + strlen(prefix);
        hear_answer(text + skipped, size - skipped);
    }
}

// Reading

// Take the answer to the handshake off the buffer; return how long it was, 0 if it is not whole.
static size_t take_handshake(struct client *client) {
    unsigned char *end = memmem(client->buffer, client->filled, "\r\n\r\n", 4);
    if (!end) return 0;
    if (!starts_with((char *)client->buffer, client->filled, "HTTP/1.1 101"))
        fail("the handshake was refused: %.*s", (int)client->filled, client->buffer);
    client->state = UPGRADED;
    return (size_t)(end + 4 - client->buffer);
}

// Take one frame at `offset` of the buffer; return how long it was, 0 if it is not whole.
static size_t take_frame(struct client *client, size_t offset) {
    const unsigned char *frame = client->buffer + offset;
    size_t left = client->filled - offset, head = 2;
    if (left < 2) return 0;
    size_t size = frame[1] & 127;
    if (size >= 126) {
        size_t wide = size == 126 ? 2 : 8;
        if (left < 2 + wide) return 0;
        size = 0;
        for (size_t place = 0; place < wide; place++) size = size << 8 | frame[2 + place];
        head += wide;
    }
    if (head + size > BUFFER_BYTES) fail("a frame of %zu bytes", size);
    if (left < head + size) return 0;
    int kind = frame[0] & 15;
    if (kind == 1) hear(client, (const char *)frame + head, size);
    if (kind == 8)
        fail("a socket was closed by the server: %d %.*s",
             size < 2 ? 0 : frame[head] << 8 | frame[head + 1], size < 2 ? 0 : (int)size - 2,
             frame + head + 2);
    return head + size;
}

static void read_client(struct client *client) {
    for (;;) {
        size_t room = BUFFER_BYTES - client->filled, taken = 0;
        ssize_t got = read(client->fd, client->buffer + client->filled, room);
        if (got < 0 && errno == EAGAIN) return;
        if (got <= 0) fail("a socket was closed by the server");
        client->filled += (size_t)got;
        if (client->state == CONNECTING) taken = take_handshake(client);
        for (size_t size; client->state != CONNECTING && (size = take_frame(client, taken));)
            taken += size;
        memmove(client->buffer, client->buffer + taken, client->filled - taken);
        client->filled -= taken;
        if ((size_t)got < room) return;  // that was all there is
    }
}

static void read_one(struct epoll_event *event) {
    uint64_t ticks;
    if (event->data.ptr == &timer) {
        if (read(timer, &ticks, sizeof ticks) < 0) fail("timer: %s", strerror(errno));
    } else if (event->data.ptr == &is_over) {
        is_over = read(STDIN_FILENO, &ticks, sizeof ticks) <= 0;
    } else {
        read_client(event->data.ptr);
    }
}

// Read what has come, or wait for it for a while.
static void read_all(int wait_ms) {
    struct epoll_event events[EVENTS_AT_ONCE];
    int count = epoll_wait(poller, events, EVENTS_AT_ONCE, wait_ms);
    for (int place = 0; place < count; place++) read_one(&events[place]);
}

static void read_for(double seconds) {
    for (double end = now() + seconds; now() < end;) read_all(10);
}

static void watch(int fd, void *what) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = what};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event)) fail("epoll: %s", strerror(errno));
}

// Connecting

static void ask_for_upgrade(struct client *client) {
    char request[8 * 1024];
    const char *cookie = people_count ? people[(client - clients) % people_count].cookie : "";
    int size = snprintf(
        request, sizeof request,
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"
        "Host: 127.0.0.1:%d\r\nOrigin: http://127.0.0.1:%d\r\n"
        "Connection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "%s%s%s\r\n",
        options.port, options.port, *cookie ? "Cookie: " : "", cookie, *cookie ? "\r\n" : "");
    write_all(client, (unsigned char *)request, (size_t)size);
}

static void open_client(struct client *client) {
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)options.port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int on = 1;
    client->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (client->fd < 0 || connect(client->fd, (struct sockaddr *)&address, sizeof address))
        fail("connect: %s", strerror(errno));
    setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(client->fd, F_SETFL, O_NONBLOCK);
    ask_for_upgrade(client);
    watch(client->fd, client);
}

// Connect everybody; return the seconds until the last one was let into the namespace.
static double connect_all(void) {
    double began = now();
    for (int opened = 0; ready_count < options.clients;) {
        while (opened < options.clients && opened - ready_count < AT_ONCE)
            open_client(&clients[opened++]);
        read_all(1000);
        if (now() - began > CONNECT_LIMIT_SECONDS)
            fail("only %d of %d are connected", ready_count, options.clients);
    }
    return now() - began;
}

// The load

static void fill_windows(void) {
    for (int sender = 0; sender < options.senders; sender++)
        while (clients[sender].outstanding < options.window) send_message(sender);
}

static void start_timer(void) {
    double pause = 1 / options.rate;
    struct timespec every = {.tv_sec = (time_t)pause,
                             .tv_nsec = (long)((pause - (double)(time_t)pause) * 1e9)};
    timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    if (timerfd_settime(timer, 0, &(struct itimerspec){every, every}, NULL))
        fail("timer: %s", strerror(errno));
    watch(timer, &timer);
}

// Keep the load up for some seconds; return how many they were.
static double load_for(double seconds) {
    double began = now(), elapsed = 0;
    long sent_before = sent_count;
    while ((elapsed = now() - began) < seconds) {
        if (options.rate > 0)
            while ((double)(sent_count - sent_before) < elapsed * options.rate) send_message(0);
        else
            fill_windows();
        read_all(100);
    }
    return elapsed;
}

// Wait for what is still on its way, as long as something comes.
static void drain(void) {
    double heard_at = now();
    for (long heard = delivery_count; heard < sent_count * options.clients;) {
        read_all(50);
        if (delivery_count > heard) heard_at = now();
        if (now() - heard_at > DRAIN_SECONDS) return;
        heard = delivery_count;
    }
}

static int by_size(const void *one, const void *other) {
    uint32_t left = *(const uint32_t *)one, right = *(const uint32_t *)other;
    return (left > right) - (left < right);
}

static double latency_at(double share) {
    if (!latency_count) return 0;
    return latencies[(long)((double)(latency_count - 1) * share)];
}

static void measure(void) {
    messages = allocate(MAX_SENT, sizeof *messages);
    latencies = allocate(MAX_LATENCIES, sizeof *latencies);
    read_for(SETTLE_SECONDS);
    if (options.rate > 0) start_timer();
    load_for(options.warm_up);
    counted_from = sent_count;
    long before = delivery_count, answered_before = answer_count;
    double elapsed = load_for(options.seconds);
    long deliveries = delivery_count - before, answers = answer_count - answered_before;
    drain();
    qsort(latencies, (size_t)latency_count, sizeof *latencies, by_size);
    printf("{\"sent\": %ld, \"answers\": %ld, \"deliveries\": %ld, "
           "\"missing\": %ld, \"per_second\": %.1f, \"p50_us\": %.0f, \"p99_us\": %.0f}\n",
           sent_count, answers, deliveries,
           sent_count * options.clients - delivery_count, (double)deliveries / elapsed,
           latency_at(0.5), latency_at(0.99));
}

// Sit there, and answer pings, until standard input ends.
static void hold(void) {
    watch(STDIN_FILENO, &is_over);
    while (!is_over) read_all(1000);
}

// Starting

// Read "<cookie>\t<auth as JSON>" of each line.
static void read_people(const char *path) {
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t room = 0;
    if (!file) fail("%s: %s", path, strerror(errno));
    for (ssize_t size; (size = getline(&line, &room, file)) > 0; line = NULL, room = 0) {
        char *tab = strchr(line, '\t');
        if (!tab) fail("%s: a line without a tab", path);
        *tab = '\0';
        line[strcspn(line, "\n")] = '\0';
        tab[1 + strcspn(tab + 1, "\n")] = '\0';
        people = realloc(people, (size_t)(people_count + 1) * sizeof *people);
        if (!people) fail("out of memory");
        people[people_count++] = (struct person){.cookie = line, .auth = tab + 1};
    }
    free(line);  // of the end of the file
    fclose(file);
}

static void read_options(int count, char **arguments) {
    static const struct option names[] = {
        {"port", required_argument, 0, 'p'},    {"namespace", required_argument, 0, 'n'},
        {"people", required_argument, 0, 'P'},  {"clients", required_argument, 0, 'c'},
        {"ask", required_argument, 0, 'a'},     {"hear", required_argument, 0, 'h'},
        {"senders", required_argument, 0, 's'}, {"window", required_argument, 0, 'w'},
        {"rate", required_argument, 0, 'r'},    {"seconds", required_argument, 0, 't'},
        {"warm-up", required_argument, 0, 'u'}, {"hold", no_argument, 0, 'H'},
        {"help", no_argument, 0, '?'},          {0},
    };
    for (int name; (name = getopt_long(count, arguments, "", names, NULL)) != -1;) {
        switch (name) {
            case 'p': options.port = atoi(optarg); break;
            case 'n': options.namespace = optarg; break;
            case 'P': options.people = optarg; break;
            case 'c': options.clients = atoi(optarg); break;
            case 'a': options.ask = optarg; break;
            case 'h': options.hear = optarg; break;
            case 's': options.senders = atoi(optarg); break;
            case 'w': options.window = atoi(optarg); break;
            case 'r': options.rate = atof(optarg); break;
            case 't': options.seconds = atof(optarg); break;
            case 'u': options.warm_up = atof(optarg); break;
            case 'H': options.hold = true; break;
            default:
                fail("options: --port --namespace --people FILE --clients --ask PACKET --hear EVENT "
                     "--senders --window | --rate, --seconds --warm-up | --hold");
        }
    }
    if (!options.hold && (!options.ask || !options.hear)) fail("--ask and --hear are needed");
    if (options.senders > options.clients) fail("more senders than clients");
}

static void understand_the_packet(void) {
    if (strcmp(options.namespace, "/"))
        snprintf(prefix, sizeof prefix, "%s,", options.namespace);
    snprintf(heard_prefix, sizeof heard_prefix, "42%s[\"%s\"", prefix,
             options.hear ? options.hear : "");
    if (options.hold) return;
    char answered[sizeof prefix + 4];
    snprintf(answered, sizeof answered, "42%s%%d", prefix);
    is_answered = starts_with(options.ask, strlen(options.ask), answered);
    is_marked = strstr(options.ask, "#%d#");
    if (!is_marked && options.senders > 1) fail("what several send has to carry #%%d#");
}

static void allow_many_files(void) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int count, char **arguments) {
    read_options(count, arguments);
    understand_the_packet();
    allow_many_files();
    if (options.people) read_people(options.people);
    clients = allocate((size_t)options.clients, sizeof *clients);
    poller = epoll_create1(0);
    printf("{\"connect_seconds\": %.4f}\n", connect_all());
    fflush(stdout);
    if (options.hold)
        hold();
    else
        measure();
    return 0;
}
