// SPDX-License-Identifier: GPL-2.0
/*
 * declarations FILE: what C source says outside of function bodies, a statement
 * a line, without comments and with each white space as one blank.  Of a file
 * that changes only in function bodies this is the same as before: the layout of
 * no type changes.  Preprocessor directives are a part of it wherever they stand.
 *
 * declarations -p FILE: of preprocessed source, without functions and their
 * prototypes.
 *
 * Ends with 1 where braces do not match, as it may be with a function that has
 * two heads in an #if: nothing can be said of such a file.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *at, *end, *start;	/* of the text */
static bool preprocessed;
static bool bad;
static FILE *out;
static char *st;			/* the statement so far */
static size_t len;

/* Nothing can be said: no more is read. */
static void unclear(void)
{
	bad = true;
	at = end;
}

static void *must(void *p)
{
	if (!p) {
		perror("declarations");
		exit(1);
	}
	return p;
}

static void put(char c)
{
	if (isspace((unsigned char)c)) {
		if (len == 0 || st[len - 1] == ' ')
			return;
		c = ' ';
	}
	st[len++] = c;
}

static bool ident(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* The end of the text without blanks, and without what ends it in parentheses. */
static size_t trimmed(size_t n)
{
	while (n && st[n - 1] == ' ')
		n--;
	return n;
}

static size_t before_group(size_t n)
{
	int depth = 0;

	while (n) {
		n--;
		if (st[n] == ')')
			depth++;
		else if (st[n] == '(' && --depth == 0)
			break;
	}
	return trimmed(n);
}

static size_t word_start(size_t n)
{
	while (n && ident(st[n - 1]))
		n--;
	return n;
}

static bool word_is(size_t from, size_t to, const char *word)
{
	return to - from == strlen(word) && !strncmp(st + from, word, to - from);
}

static bool type_word(size_t from, size_t to)
{
	return word_is(from, to, "struct") || word_is(from, to, "union") ||
	       word_is(from, to, "enum");
}

static size_t without_attributes(size_t n)
{
	size_t before;

	for (n = trimmed(n); n && st[n - 1] == ')'; n = before) {
		before = before_group(n);
		if (!word_is(word_start(before), before, "__attribute__"))
			break;
		before = trimmed(word_start(before));
	}
	return n;
}

/* Does a function's body begin behind the statement so far? */
static bool is_function(void)
{
	size_t n = without_attributes(len), word;

	if (!n || st[n - 1] != ')')
		return false;
	n = before_group(n);
	if (!n || (!ident(st[n - 1]) && st[n - 1] != ')'))
		return false;
	/* struct __attr(x) { */
	word = word_start(n);
	if (type_word(word, n))
		return false;
	n = trimmed(word);
	return !type_word(word_start(n), n);
}

static bool is_prototype(void)
{
	size_t n;

	if (!strncmp(st, "typedef ", 8) || memchr(st, '{', len) || memchr(st, '[', len) ||
	    memchr(st, '=', len))
		return false;
	n = without_attributes(len);
	return n && st[n - 1] == ')';
}

/* What __COUNTER__ is part of differs where a function uses one more. */
static void emit(void)
{
	static const char unique[] = "__UNIQUE_ID_";
	size_t i = 0, from, to;

	len = trimmed(len);
	while (i < len) {
		from = i;
		while (i < len && ident(st[i]))
			i++;
		if (i == from) {
			putc(st[i++], out);
			continue;
		}
		to = i;
		if (to - from > strlen(unique) && !strncmp(st + from, unique, strlen(unique)))
			while (to > from && isdigit((unsigned char)st[to - 1]))
				to--;
		fwrite(st + from, 1, to - from, out);
	}
	if (len)
		putc('\n', out);
	len = 0;
}

static bool two(const char *s)
{
	return at + 1 < end && at[0] == s[0] && at[1] == s[1];
}

/* Past a comment, if one is here. */
static bool comment(void)
{
	if (two("//")) {
		while (at < end && *at != '\n')
			at++;
		return true;
	}
	if (!two("/*"))
		return false;
	for (at += 2; at < end && !two("*/"); at++)
		;
	at = at < end ? at + 2 : end;
	return true;
}

/* Past a string or character, if one is here; kept in the statement or not. */
static bool literal(bool keep)
{
	char quote = *at;

	if (quote != '"' && quote != '\'')
		return false;
	do {
		if (keep)
			st[len++] = *at;
		if (*at == '\\' && at + 1 < end) {
			at++;
			if (keep)
				st[len++] = *at;
		}
		at++;
	} while (at < end && *at != quote && *at != '\n');
	if (at < end) {
		if (keep)
			put(*at);
		at++;
	}
	return true;
}

/* A directive is a line of its own, wherever it stands. */
static bool directive(void)
{
	const char *p = at, *text;
	char *kept = st;
	size_t kept_len = len;

	if (*at != '#')
		return false;
	while (p > start && (p[-1] == ' ' || p[-1] == '\t'))
		p--;
	if (p > start && p[-1] != '\n')
		return false;
	for (text = at + 1; text < end && (*text == ' ' || *text == '\t'); text++)
		;
	/* behind what is there: no text gets longer here */
	st += len;
	len = 0;
	while (at < end && *at != '\n') {
		if (two("\\\n")) {
			at += 2;
			put(' ');
		} else if (comment()) {
			put(' ');
		} else if (!literal(true)) {
			put(*at++);
		}
	}
	if ((end - text > 4 && !strncmp(text, "line", 4)) || (text < end && isdigit((unsigned char)*text)))
		len = 0;
	emit();
	st = kept;
	len = kept_len;
	return true;
}

/* In source, what begins a line tells whether this still is a function. */
static void check_line(int depth)
{
	static const char * const outside[] = { "struct ", "union ", "enum ", "typedef " };
	size_t i;

	if (preprocessed || at == start || at[-1] != '\n')
		return;
	if (*at == '}' && depth != 1)
		unclear();
	for (i = 0; i < sizeof(outside) / sizeof(outside[0]); i++)
		if ((size_t)(end - at) > strlen(outside[i]) &&
		    !strncmp(at, outside[i], strlen(outside[i])))
			unclear();
}

/* Past a function's body. */
static void body(void)
{
	int depth = 0;

	while (at < end) {
		check_line(depth);
		if (bad)
			return;
		if (comment() || literal(false) || directive())
			continue;
		if (*at == '{')
			depth++;
		else if (*at == '}' && --depth == 0) {
			at++;
			return;
		}
		at++;
	}
	unclear();
}

static void statement_char(int *braces, int *parens)
{
	if (*at == '{' && !*braces && !*parens && is_function()) {
		body();
		if (preprocessed)
			len = 0;
		emit();
		return;
	}
	*parens += (*at == '(') - (*at == ')');
	*braces += (*at == '{') - (*at == '}');
	if (*parens < 0 || *braces < 0) {
		unclear();
		return;
	}
	if (*at == ';' && !*braces && !*parens) {
		if (preprocessed && is_prototype())
			len = 0;
		else
			put(';');
		emit();
	} else {
		put(*at);
	}
	at++;
}

/* Of @text, to @out; false if nothing can be said. */
static bool declarations(const char *text, size_t size)
{
	int braces = 0, parens = 0;

	start = at = text;
	end = text + size;
	bad = false;
	len = 0;
	st = must(malloc(size + 2));
	while (at < end) {
		if (comment())
			put(' ');
		else if (!literal(true) && !directive())
			statement_char(&braces, &parens);
	}
	if (braces || parens)
		unclear();
	emit();
	free(st);
	return !bad;
}

static char *read_all(const char *name, size_t *size)
{
	FILE *f = fopen(name, "r");
	char *text = NULL;
	size_t room = 0, n;

	if (!f)
		return NULL;
	*size = 0;
	do {
		room = room * 2 + 65536;
		text = must(realloc(text, room));
		n = fread(text + *size, 1, room - *size, f);
		*size += n;
	} while (n);
	fclose(f);
	return text;
}

int main(int argc, char **argv)
{
	char *text;
	size_t size;
	bool clear;

	preprocessed = argc == 3 && !strcmp(argv[1], "-p");
	if (argc != 2 + preprocessed) {
		fputs("usage: declarations [-p] FILE\n", stderr);
		return 64;
	}
	text = read_all(argv[argc - 1], &size);
	if (!text) {
		perror(argv[argc - 1]);
		return 1;
	}
	out = stdout;
	clear = declarations(text, size);
	free(text);
	return clear && !fflush(out) ? 0 : 1;
}
