// Package testmedia makes the pictures and sounds that stand in for rooms:
// marked pictures and tones for tests, and the small encoded clips with which
// the bots of a demonstration play absent points. It has no goroutine and no
// lock; everything it returns belongs to the caller.
//
// # The mark
//
// A marked picture says which room it comes from and which frame it is, in a
// way that survives VP8 and scaling down to 160x90. The mark is a band as wide
// as the picture and H/9 high, and it stands in the picture twice: at the top
// (y from 0) and in the middle (y from 4H/9), so that a reader of screenshots
// finds one that no caption covers. A band is two rows of 16 cells:
//
//	row 0, y from top to top+H/18:       columns 0–7 room, 8–15 check
//	row 1, y from top+H/18 to top+H/9:   columns 0–15 counter
//
// Cell (r, c) is sampled at its centre, x = (c+0.5)·W/16 and
// y = top + (r+0.5)·H/18; it is 1 if green (or luma) there is above 127. Numbers
// stand most significant bit first. Room is the number of the point (0–255);
// counter is the number of the frame, rising by one a frame and starting again
// at 0 where the file loops; check is CRC-8 (polynomial 0x07, initial value
// 0xFF, no reflection) over the three bytes room, counter>>8, counter&255:
//
//	crc = 0xFF; for each byte: crc ^= byte, then 8 times:
//	crc = crc&0x80 ? (crc<<1 ^ 0x07) & 0xFF : crc<<1
//
// For example room 7, frame 300 has check 0xEC. A black, a white and a grey
// picture have no valid mark.
//
// # The tone
//
// The tone of room n is ToneHz(n) = 300 + 20·n hertz, peak amplitude a quarter
// of full scale, swelling and fading twice a second by 30 % so that no noise
// suppression takes it for a hum. It loops without a click.
package testmedia
