// SPDX-License-Identifier: GPL-2.0
/*
 * Makes a guest's kernel run what the cases patch in modules, where no program
 * of the guest would.
 *
 *   poke comment     sends a packet through a firewall rule with the match
 *                    "comment" (modules ip_tables, iptable_filter, xt_comment)
 *   poke tun         writes a packet to a new tun device, and receives one
 *   poke directory   reads a directory to addresses that are not a program's;
 *                    a kernel that lets the second pass warns of a fault
 *
 * Static, so that it runs in any guest. Success: status 0.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_comment.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define DIE(what)							\
	do {								\
		fprintf(stderr, "poke: %s: %s\n", what, strerror(errno)); \
		exit(1);						\
	} while (0)

struct match {
	struct xt_entry_match head;
	struct xt_comment_info info;
} __attribute__((aligned(8)));

struct rule {
	struct ipt_entry entry;
	struct xt_standard_target target;
};

struct comment_rule {
	struct ipt_entry entry;
	struct match match;
	struct xt_standard_target target;
};

struct end {
	struct ipt_entry entry;
	struct xt_error_target target;
};

struct table {
	struct ipt_replace head;
	struct rule input, forward;
	struct comment_rule output;
	struct rule output_policy;
	struct end end;
};

static void interface_up(const char *name)
{
	struct ifreq req = { .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	strncpy(req.ifr_name, name, sizeof(req.ifr_name) - 1);
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &req))
		DIE(name);
	close(fd);
}

static void interface_address(const char *name, const char *address)
{
	struct ifreq req = { .ifr_flags = 0 };
	struct sockaddr_in sin = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	inet_pton(AF_INET, address, &sin.sin_addr);
	strncpy(req.ifr_name, name, sizeof(req.ifr_name) - 1);
	memcpy(&req.ifr_addr, &sin, sizeof(sin));
	if (fd < 0 || ioctl(fd, SIOCSIFADDR, &req))
		DIE(address);
	inet_pton(AF_INET, "255.255.255.0", &sin.sin_addr);
	memcpy(&req.ifr_addr, &sin, sizeof(sin));
	if (ioctl(fd, SIOCSIFNETMASK, &req))
		DIE("255.255.255.0");
	close(fd);
}

static void send_to(const char *address)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	inet_pton(AF_INET, address, &to.sin_addr);
	if (fd < 0 || sendto(fd, "poke", 4, 0, (struct sockaddr *)&to, sizeof(to)) != 4)
		DIE(address);
	close(fd);
}

static void accept_all(struct xt_standard_target *t)
{
	t->target.u.user.target_size = sizeof(*t);
	t->verdict = -NF_ACCEPT - 1;
}

static void fill_rule(struct rule *r)
{
	r->entry.target_offset = sizeof(r->entry);
	r->entry.next_offset = sizeof(*r);
	accept_all(&r->target);
}

/* The table "filter" as it is when empty, with one rule in OUTPUT. */
static void fill_table(struct table *t, struct xt_counters *counters)
{
	unsigned int base = offsetof(struct table, input);

	strcpy(t->head.name, "filter");
	t->head.valid_hooks = 1 << NF_INET_LOCAL_IN | 1 << NF_INET_FORWARD |
			      1 << NF_INET_LOCAL_OUT;
	t->head.num_entries = 5;
	t->head.size = sizeof(*t) - base;
	t->head.hook_entry[NF_INET_FORWARD] = offsetof(struct table, forward) - base;
	t->head.underflow[NF_INET_FORWARD] = offsetof(struct table, forward) - base;
	t->head.hook_entry[NF_INET_LOCAL_OUT] = offsetof(struct table, output) - base;
	t->head.underflow[NF_INET_LOCAL_OUT] = offsetof(struct table, output_policy) - base;
	t->head.num_counters = 4;
	t->head.counters = counters;
	fill_rule(&t->input);
	fill_rule(&t->forward);
	fill_rule(&t->output_policy);
	t->output.entry.target_offset = offsetof(struct comment_rule, target);
	t->output.entry.next_offset = sizeof(t->output);
	t->output.match.head.u.user.match_size = sizeof(t->output.match);
	strcpy(t->output.match.head.u.user.name, "comment");
	strcpy(t->output.match.info.comment, "poke");
	accept_all(&t->output.target);
	t->end.entry.target_offset = sizeof(t->end.entry);
	t->end.entry.next_offset = sizeof(t->end);
	t->end.target.target.u.user.target_size = sizeof(t->end.target);
	strcpy(t->end.target.target.u.user.name, XT_ERROR_TARGET);
	strcpy(t->end.target.errorname, "ERROR");
}

static void set_table(struct table *t, size_t size)
{
	int fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);

	if (fd < 0 || setsockopt(fd, IPPROTO_IP, IPT_SO_SET_REPLACE, t, size))
		DIE("setting the table filter");
	close(fd);
}

/* The rule goes again, so that the modules can be unloaded. */
static void poke_comment(void)
{
	struct xt_counters counters[8];
	struct table t = { .head.num_entries = 0 };

	fill_table(&t, counters);
	interface_up("lo");
	set_table(&t, sizeof(t));
	send_to("127.0.0.1");
	t.head.num_entries = 4;
	t.head.num_counters = 5;
	t.head.underflow[NF_INET_LOCAL_OUT] = t.head.hook_entry[NF_INET_LOCAL_OUT];
	t.head.size -= sizeof(t.output);
	memmove(&t.output, &t.output_policy, sizeof(t) - offsetof(struct table, output_policy));
	set_table(&t, sizeof(t) - sizeof(t.output));
}

static void poke_tun(void)
{
	/* an IPv4 header that says 10.9.8.2 -> 10.9.8.1, protocol 253 */
	unsigned char packet[24] = { 0, 0, 0x08, 0x00, 0x45, 0, 0, 20, 0, 0, 0, 0, 1, 253,
				     0, 0, 10, 9, 8, 2, 10, 9, 8, 1 };
	struct ifreq req = { .ifr_flags = IFF_TUN };
	unsigned char in[2048];
	int fd;

	mkdir("/dev/net", 0755);
	mknod("/dev/net/tun", S_IFCHR | 0600, makedev(10, 200));
	fd = open("/dev/net/tun", O_RDWR);
	strcpy(req.ifr_name, "poke0");
	if (fd < 0 || ioctl(fd, TUNSETIFF, &req))
		DIE("/dev/net/tun");
	interface_address("poke0", "10.9.8.1");
	interface_up("poke0");
	if (write(fd, packet, sizeof(packet)) != sizeof(packet))
		DIE("write to tun");
	send_to("10.9.8.2");
	if (read(fd, in, sizeof(in)) <= 0)
		DIE("read from tun");
	close(fd);
}

static void poke_directory(void)
{
	static const unsigned long bad[] = { 0xffffffff81000000, 0x0100000000000000 };
	int fd = open("/", O_RDONLY | O_DIRECTORY);

	if (fd < 0)
		DIE("/");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (syscall(SYS_getdents64, fd, bad[i], 4096) != -1 || errno != EFAULT)
			DIE("getdents64 to a bad address");
	close(fd);
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "comment")) {
		poke_comment();
	} else if (argc == 2 && !strcmp(argv[1], "tun")) {
		poke_tun();
	} else if (argc == 2 && !strcmp(argv[1], "directory")) {
		poke_directory();
	} else {
		fprintf(stderr, "usage: poke comment | tun | directory\n");
		return 1;
	}
	return 0;
}
