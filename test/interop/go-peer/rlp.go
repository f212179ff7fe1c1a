package main

import (
	"encoding/binary"
	"errors"
)

var errRLP = errors.New("malformed RLP")

// rlpItem splits the first RLP item off data: where its payload begins, where it ends,
// and whether it is a list.
func rlpItem(data []byte) (start, end int, isList bool, err error) {
	if len(data) == 0 {
		return 0, 0, false, errRLP
	}
	var size uint64
	switch b := data[0]; {
	case b < 0x80:
		return 0, 1, false, nil
	case b < 0xb8:
		start, size = 1, uint64(b-0x80)
	case b < 0xc0:
		start, size, err = longSize(data, int(b-0xb7))
	case b < 0xf8:
		start, size, isList = 1, uint64(b-0xc0), true
	default:
		start, size, err = longSize(data, int(b-0xf7))
		isList = true
	}
	if err != nil || size > uint64(len(data)-start) {
		return 0, 0, false, errRLP
	}
	return start, start + int(size), isList, nil
}

func longSize(data []byte, width int) (int, uint64, error) {
	if len(data) < 1+width {
		return 0, 0, errRLP
	}
	var word [8]byte
	copy(word[8-width:], data[1:1+width])
	return 1 + width, binary.BigEndian.Uint64(word[:]), nil
}

// rlpChild gives the offsets in data of the payload of item n of the list that data begins with.
func rlpChild(data []byte, n int) (start, end int, err error) {
	at, limit, isList, err := rlpItem(data)
	if err != nil || !isList {
		return 0, 0, errRLP
	}
	for ; ; n-- {
		start, end, _, err = rlpItem(data[at:limit])
		if err != nil {
			return 0, 0, errRLP
		}
		if n == 0 {
			return at + start, at + end, nil
		}
		at += end
	}
}

// blockNumber reads the number (item 8) from the header (item 0) of a block.
func blockNumber(block []byte) (uint64, error) {
	at, _, _, err := rlpItem(block)
	if err != nil {
		return 0, err
	}
	header := block[at:]
	start, end, err := rlpChild(header, 8)
	if err != nil || end-start > 8 {
		return 0, errRLP
	}
	var word [8]byte
	copy(word[8-(end-start):], header[start:end])
	return binary.BigEndian.Uint64(word[:]), nil
}
