package postgres

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/millrace/millrace/cdc/pgoutput"
	"github.com/millrace/millrace/cdc/pgvalue"
	"github.com/millrace/millrace/connect/record"
)

// columnError is the error of one value on its way to a ValueError.
type columnError struct {
	column string
	err    error
}

func (e *columnError) Error() string { return e.column + ": " + e.err.Error() }
func (e *columnError) Unwrap() error { return e.err }

// newImage writes the image after a change. Values that the server left out because they did not change come from old
// where it has them, else they are placeholders. oldCells are old's, or envelope.None.
func (s *Source) newImage(b *record.Batch, p *plan, t *pgoutput.Tuple, oldKind byte, oldCells uint32) (uint32, error) {
	if err := p.fits(t); err != nil {
		return 0, err
	}
	first := b.Cells(len(p.out))
	for i := range p.cols {
		kind, val, _ := t.Next()
		c := &p.cols[i]
		switch {
		case c.codec == nil:
		case kind == 'u' && (oldKind == 'O' || oldKind == 'K' && c.key):
			b.CopyCell(first+c.at, oldCells+c.at)
		case kind == 'u':
			c.codec.Unchanged(b, first+c.at)
		default:
			if err := s.set(b, c, first+c.at, kind, val); err != nil {
				return 0, err
			}
		}
	}
	return first, nil
}

// oldImage writes the image before a change, as far as the replica identity has it.
func (s *Source) oldImage(b *record.Batch, p *plan, t *pgoutput.Tuple, oldKind byte) (uint32, error) {
	if err := p.fits(t); err != nil {
		return 0, err
	}
	first := b.Cells(len(p.out))
	for i := range p.cols {
		kind, val, _ := t.Next()
		c := &p.cols[i]
		switch {
		case c.codec == nil:
		case oldKind == 'K' && !c.key:
			c.codec.Missing(b, first+c.at)
		case kind == 'u':
			c.codec.Unchanged(b, first+c.at)
		default:
			if err := s.set(b, c, first+c.at, kind, val); err != nil {
				return 0, err
			}
		}
	}
	return first, nil
}

func (p *plan) fits(t *pgoutput.Tuple) error {
	if t.Len() != len(p.cols) {
		return fmt.Errorf("a row of table %s has %d columns, its relation %d", p.name, t.Len(), len(p.cols))
	}
	return nil
}

// set decodes one value.
func (s *Source) set(b *record.Batch, c *planColumn, cell uint32, kind byte, val []byte) error {
	var err error
	switch kind {
	case 'n':
		b.SetNull(cell)
	case 'b':
		err = c.codec.Binary(b, cell, val)
	default:
		err = c.codec.Text(b, cell, val)
	}
	if err == nil {
		return nil
	}
	var ve *pgvalue.Error
	if errors.As(err, &ve) && ve.NoFit && c.null && !s.cfg.FailValues {
		if !c.warn.Swap(true) {
			s.cfg.Log.Warn("a value has no place in its schema and becomes null", "column", c.name, "error", err)
		}
		b.SetNull(cell)
		return nil
	}
	return &columnError{column: c.name, err: err}
}

// copyRow writes the image of a row of binary COPY, whose columns are those of selectList.
func (s *Source) copyRow(b *record.Batch, p *plan, row []byte) (uint32, error) {
	if len(row) < 2 || int(binary.BigEndian.Uint16(row)) != len(p.out) {
		return 0, fmt.Errorf("a copied row of table %s has another number of columns", p.name)
	}
	row = row[2:]
	first := b.Cells(len(p.out))
	for i, at := range p.out {
		if len(row) < 4 {
			return 0, fmt.Errorf("a copied row of table %s is cut off", p.name)
		}
		n := int(int32(binary.BigEndian.Uint32(row)))
		row = row[4:]
		if n < 0 { // null; the cell is so already
			continue
		}
		if n > len(row) {
			return 0, fmt.Errorf("a copied row of table %s is cut off", p.name)
		}
		c := &p.cols[at]
		kind := byte('b')
		if !c.codec.HasBinary() {
			kind = 't'
		}
		if err := s.set(b, c, first+uint32(i), kind, row[:n]); err != nil {
			return 0, err
		}
		row = row[n:]
	}
	return first, nil
}
