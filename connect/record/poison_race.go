//go:build race

package record

// poison overwrites released data in race builds, so that a value kept past Reset shows.
func (b *Batch) poison() {
	d := b.data[:cap(b.data)]
	for i := range d {
		d[i] = 0xDB
	}
	c := b.cells[:cap(b.cells)]
	for i := range c {
		c[i] = Cell{Bits: 0xDBDBDBDB, N: 0xDB, State: Set}
	}
}
