package release_test
import ("testing";"fmt";"vigie/data/release";"context")
func TestZZ(t *testing.T){
 h := openDemo(t)
 f, rep := freeze(t,h,today,key(1))
 fmt.Println(len(f.Rows), rep.MaxRise, rep.High, fmt.Sprintf("%+v", rep.Utility))
 n:=0; for _, s := range rep.Homes { if s.After!=nil && *s.HighAfter-s.HighBefore>0.05 {n++} }
 fmt.Println(n)
 for _, s := range rep.Homes[:8] { fmt.Println(s.SiteID, s.Before, *s.After, s.HighBefore, *s.HighAfter) }
 for _, r := range f.Rows[:4] {fmt.Println(r)}
 _ = release.ActionFreeze; _ = context.Background
}
