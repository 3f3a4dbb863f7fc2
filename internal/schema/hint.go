package schema

import (
	"maps"
	"slices"
	"strings"
)

// list names the keys of a closed table, for the error about a word that is not in it.
func list[V any](table map[string]V) string {
	return strings.Join(slices.Sorted(maps.Keys(table)), ", ")
}

// hint suggests the word of a closed table that was probably meant: ` (did you mean "omitempty"?)`. Case counts for nothing, and
// at most half of a short word may be wrong, so that "low" is not taken for "raw".
func hint[V any](word string, table map[string]V) string {
	best, distance := "", 3
	for _, known := range slices.Sorted(maps.Keys(table)) {
		d := editDistance(strings.ToLower(word), strings.ToLower(known))
		if d < distance && d <= len(known)/2 {
			best, distance = known, d
		}
	}
	if best == "" {
		return ""
	}
	return meant(best)
}

func meant(word string) string { return ` (did you mean "` + word + `"?)` }

// editDistance is the number of single-byte edits between two short words.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
