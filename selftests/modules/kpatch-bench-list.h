/* SPDX-License-Identifier: GPL-2.0 */
/*
 * KB_X(n) for the hundred functions of kpatch-bench-target: whoever includes
 * this defines it before, and it is gone afterwards.
 */
KB_X(00) KB_X(01) KB_X(02) KB_X(03) KB_X(04)
KB_X(05) KB_X(06) KB_X(07) KB_X(08) KB_X(09)
KB_X(10) KB_X(11) KB_X(12) KB_X(13) KB_X(14)
KB_X(15) KB_X(16) KB_X(17) KB_X(18) KB_X(19)
KB_X(20) KB_X(21) KB_X(22) KB_X(23) KB_X(24)
KB_X(25) KB_X(26) KB_X(27) KB_X(28) KB_X(29)
KB_X(30) KB_X(31) KB_X(32) KB_X(33) KB_X(34)
KB_X(35) KB_X(36) KB_X(37) KB_X(38) KB_X(39)
KB_X(40) KB_X(41) KB_X(42) KB_X(43) KB_X(44)
KB_X(45) KB_X(46) KB_X(47) KB_X(48) KB_X(49)
KB_X(50) KB_X(51) KB_X(52) KB_X(53) KB_X(54)
KB_X(55) KB_X(56) KB_X(57) KB_X(58) KB_X(59)
KB_X(60) KB_X(61) KB_X(62) KB_X(63) KB_X(64)
KB_X(65) KB_X(66) KB_X(67) KB_X(68) KB_X(69)
KB_X(70) KB_X(71) KB_X(72) KB_X(73) KB_X(74)
KB_X(75) KB_X(76) KB_X(77) KB_X(78) KB_X(79)
KB_X(80) KB_X(81) KB_X(82) KB_X(83) KB_X(84)
KB_X(85) KB_X(86) KB_X(87) KB_X(88) KB_X(89)
KB_X(90) KB_X(91) KB_X(92) KB_X(93) KB_X(94)
KB_X(95) KB_X(96) KB_X(97) KB_X(98) KB_X(99)
#undef KB_X
