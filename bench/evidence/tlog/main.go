// The peer of `bench/evidence/tree.ts`: from 65-byte leaves to the root of an RFC 6962 tree by golang.org/x/mod/sumdb/tlog,
// the transparency log of Go's checksum database. Prints the median time in nanoseconds a leaf.
package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// hashes is a tlog.HashReader over hashes in memory.
type hashes []tlog.Hash

func (stored hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for at, index := range indexes {
		found[at] = stored[index]
	}
	return found, nil
}

func root(records []byte, count int) tlog.Hash {
	stored := make(hashes, 0, tlog.StoredHashCount(int64(count)))
	for at := range count {
		more, err := tlog.StoredHashes(int64(at), records[64*at:64*at+64], stored)
		if err != nil {
			panic(err)
		}
		stored = append(stored, more...)
	}
	top, err := tlog.TreeHash(int64(count), stored)
	if err != nil {
		panic(err)
	}
	return top
}

func main() {
	count, _ := strconv.Atoi(os.Args[1])
	runs, _ := strconv.Atoi(os.Args[2])
	records := make([]byte, 64*count)
	for at := range count {
		binary.BigEndian.PutUint64(records[64*at+8:], uint64(at))
	}
	times := make([]float64, runs)
	for run := range times {
		start := time.Now()
		root(records, count)
		times[run] = float64(time.Since(start).Nanoseconds()) / float64(count)
	}
	slices.Sort(times)
	fmt.Println(times[runs/2])
}
