//go:build race

package txn_test

const raceDetector = true
