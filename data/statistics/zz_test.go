package statistics
import ("testing";"fmt";"vigie/data")
func TestZZ(t *testing.T){
 store, sn := demonstration(t)
 _ = store
 for _, day := range []string{"2025-12-31"} {
 r, err := Read(sn, viewer(data.ViewerSpec{Precision: data.ViewExact, Writes: true}), day)
 if err!=nil {t.Fatal(err)}
 fmt.Println(len(r.Homes))
 c := newCube(r, map[scope]bool{})
 for _, tb := range c.tables { for _, x := range tb.cells { if x.area.Level==LevelDepartment {fmt.Println(x.measure.ID, x.count.Value, x.count.Addresses, x.count.Bodies)}}}
 }
}
