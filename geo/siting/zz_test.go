package siting
import ("testing";"fmt";"vigie/geo/exposure")
func TestZZ(t *testing.T){
 in:=town(t); area:=box(0,0,8000)
 for _,ls:=range [][]string{{Exposure},allLayers}{
 sf:=survey(t,in,area,200,ls...)
 m,_:=NewMeter(in); v:=make([]float64,len(m.indicators))
 bad:=0
 mask:=sf.Grid.Mask(area)
 for cell:=range mask { if !mask[cell]{continue}
 s,_:=NewSurveyor(lambert,"23",in,[]string{Exposure})
 cm:=s.communesOf(sf.Grid)[cell]; code:="23000"; if cm>=0{code="23001"}
 values(m.evaluator,m.indicators,exposure.Subject{Status:exposure.Computed,Point:sf.Grid.Center(cell),CommuneCode:code,Self:-1},v)
 if d:=sf.Layers[0].Value(cell)-in.Scorer.Central(v); d<0||d>0.0102 {bad++; if bad<5{fmt.Println(cell,cell%sf.Grid.Columns,cell/sf.Grid.Columns,code,sf.Layers[0].Value(cell),in.Scorer.Central(v),v)}}
 if cell>2000{break}
 }
 fmt.Println(len(ls),bad)
 }
}
