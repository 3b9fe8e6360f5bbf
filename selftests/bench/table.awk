# SPDX-License-Identifier: GPL-2.0
# The guest's "NAME VALUE" lines as tables, with targets.  -v kernel=NAME

# Several values of one name: the median is what counts.
NF == 2 { list[$1] = list[$1] " " $2; have[$1] = 1 }

function value(name, n, a, i, j, t) {
	n = split(list[name], a, " ")
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && a[j - 1] + 0 > a[j] + 0; j--) {
			t = a[j]
			a[j] = a[j - 1]
			a[j - 1] = t
		}
	return a[int((n + 1) / 2)]
}

function verdict(ok) {
	return ok ? "met" : "**MISSED**"
}

function million(v) {
	return sprintf("%.3f M", v / 1000000)
}

function ms(v) {
	return sprintf("%.2f ms", v / 1000000)
}

function percall(name, text, limit, cost, ratio) {
	if (!have["percall." name])
		return
	cost = value("percall." name) / 100
	ratio = have["percall.klp"] ? sprintf("%.2f", cost * 100 / value("percall.klp")) : "-"
	printf "| %s | %.0f | %s | %s |\n", text, cost, ratio, \
		limit && have["percall.klp"] ? "<= " limit ": " verdict(ratio <= limit) : "-"
}

function percalls() {
	if (!have["percall.unpatched"])
		return
	printf "\n### %s: a call, in instructions\n\n", kernel
	print "| | instructions | of mainline's | target |"
	print "|---|---:|---:|---|"
	percall("unpatched", "unpatched")
	percall("bare", "the least an ftrace handler can do")
	percall("klp", "mainline klp")
	percall("ops", "kpatch.ko, handler", 0.9)
	percall("ops100", "kpatch.ko, handler, one of 100 functions", 0.9)
	percall("direct", "kpatch.ko, direct call", 0.12)
	percall("jmp", "kpatch.ko, jump at the site", 0.12)
}

function window(threads, funcs, many, v, naive, few) {
	v = value("window." threads "." funcs ".0")
	naive = value("window." threads "." funcs ".1")
	printf "| %d | %d | %s | %s | %.1f | %s |\n", threads, funcs, \
		million(naive), million(v), naive / v, \
		threads == many ? "<= 0.3 M: " verdict(v <= 300000) \
		", <= 1.5 x that of 100: " \
		verdict(v <= 1.5 * value("window.100." funcs ".0")) : "-"
}

function windows(name, a, many, i, n, funcs) {
	for (name in have)
		if (split(name, a, ".") == 4 && a[1] == "window" && a[2] > many)
			many = a[2] + 0
	if (!many)
		return
	printf "\n### %s: model stop: CPUs are stopped for so many instructions\n\n", kernel
	print "| threads | functions | all unwound | kpatch.ko | ratio | target |"
	print "|---:|---:|---:|---:|---:|---|"
	n = split("1 10 100", funcs, " ")
	for (i = 1; i <= n; i++)
		window(100, funcs[i], many)
	for (i = 1; i <= n; i++)
		window(many, funcs[i], many)
	printf "\n### %s: enabling and disabling at %d threads, from call to return\n\n", kernel, many
	print "| functions | enable | disable | target for enable |"
	print "|---:|---:|---:|---|"
	for (i = 1; i <= n; i++)
		printf "| %d | %s | %s | %s |\n", funcs[i], \
			million(value("enable." funcs[i])), \
			million(value("disable." funcs[i])), \
			funcs[i] == 100 ? "<= 300 M: " verdict(value("enable.100") <= 300000000) : "-"
}

# What the kernel itself costs, of what a model needs of it.
function share(preempt, model, v, probed) {
	v = value("late." preempt ".bare")
	probed = value("late." preempt ".probed")
	return model == "refcount" && probed + 0 > v + 0 ? probed : v
}

function late(preempt, title, n, models, titles, i, m, v) {
	if (!have["late." preempt ".none"])
		return
	printf "\n### %s: a real-time task's worst lateness, while 100 functions are switched at 10,000 threads, %s\n\n", kernel, title
	print "| model | worst | the kernel's own share | target |"
	print "|---|---:|---:|---|"
	n = split("none bare probed stop refcount task klp", models, " ")
	split("(nothing is switched),(a bare ftrace_ops for the functions comes and goes),(one kretprobe comes and goes),stop,refcount,task,mainline klp", titles, ",")
	for (i = 1; i <= n; i++) {
		m = "late." preempt "." models[i]
		if (!have[m])
			continue
		v = value(m)
		if (models[i] ~ /^(stop|refcount|task)$/)
			printf "| %s | %s | %s | <= 1 ms: %s |\n", titles[i], ms(v), \
				ms(share(preempt, models[i])), verdict(v <= 1000000)
		else
			printf "| %s | %s | - | - |\n", titles[i], ms(v)
	}
}

function switches(n, models, i, m, k, loads) {
	if (!have["switch.idle.stop.enable"])
		return
	printf "\n### %s: from the call until everybody is switched, one function\n\n", kernel
	print "| | idle: enable | disable | under load: enable | disable |"
	print "|---|---:|---:|---:|---:|"
	n = split("stop refcount task klp", models, " ")
	for (i = 1; i <= n; i++) {
		m = models[i]
		if (!have["switch.idle." m ".enable"])
			continue
		printf "| %s | %s | %s | %s | %s |\n", \
			m == "klp" ? "mainline klp" : m, \
			ms(value("switch.idle." m ".enable")), \
			ms(value("switch.idle." m ".disable")), \
			ms(value("switch.load." m ".enable")), \
			ms(value("switch.load." m ".disable"))
	}
}

END {
	percalls()
	windows()
	late("default", "kernel's default preemption")
	late("full", "preempt=full")
	switches()
}
