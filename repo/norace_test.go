//go:build !race

package repo

const raceDetector = false
