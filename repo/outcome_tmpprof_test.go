package repo
import "testing"
func BenchmarkTmpOurs(b *testing.B){ c := &canned{}; client := pairedClient(c)
 crates := Must(New[crate](client, Table{Name: "app", Indexes: []Index{{Name: "gsi1"}, {Name: "gsi2"}}})); k := aCrate(); s,_ := crates.Encode(k); c.answer(map[string]any{"Attributes": wire(s)})
 b.ReportAllocs()
 for b.Loop() { crates.Update(b.Context(), k, crateStatus.Set(k.Status), crateDepot.Set(k.Depot), crateSentAt.Set(k.SentAt)) } }
