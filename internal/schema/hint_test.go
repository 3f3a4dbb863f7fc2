package schema

import "testing"

func TestHint(t *testing.T) {
	table := map[string]bool{"omitempty": true, "nullempty": true, "string": true, "pad": true, "raw": true, "desc": true, "CustomerID": true, "ID": true}
	for _, tt := range []struct{ reason, word, want string }{
		{"a letter is missing", "omitemty", "omitempty"},
		{"a letter is wrong", "omitempti", "omitempty"},
		{"two letters are turned round", "omitmepty", "omitempty"},
		{"case is wrong", "customerid", "CustomerID"},
		{"case is wrong in a short word", "id", "ID"},
		{"a space too many", " desc", "desc"},
		{"the nearer of two", "nulempty", "nullempty"},
		{"a short word that shares a letter is another word", "low", ""},
		{"so is a longer one", "shard", ""},
		{"nothing is near the empty word", "", ""},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			want := tt.want
			if want != "" {
				want = meant(want)
			}
			if got := hint(tt.word, table); got != want {
				t.Errorf("for %q got %q, want %q", tt.word, got, want)
			}
		})
	}
}
