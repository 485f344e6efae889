package postgres

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"

	"github.com/millrace/millrace/cdc/pgoutput"
)

// spillAt is how many bytes of in-progress transactions are kept in memory; the rest goes to files.
const spillAt = 8 << 20

// entryHead is what stands before a kept message: its length and LSN.
const entryHead = 4 + 8

// inProgress keeps the messages of a transaction that the server streams before it is committed.
type inProgress struct {
	xid     uint32
	buf     []byte   // the newest messages
	file    *os.File // those before; nil: none
	filed   int64
	aborted map[uint32]struct{} // subtransactions that were rolled back
}

// keep adds a message to the transaction whose block the stream is in.
func (st *stream) keep(lsn uint64, msg []byte) error {
	t := st.block
	t.buf = binary.BigEndian.AppendUint32(t.buf, uint32(len(msg)))
	t.buf = append(binary.BigEndian.AppendUint64(t.buf, lsn), msg...)
	st.kept += entryHead + len(msg)
	if st.kept <= spillAt {
		return nil
	}
	big := t // the transaction that frees most
	for _, o := range st.open {
		if len(o.buf) > len(big.buf) {
			big = o
		}
	}
	return st.spill(big)
}

func (st *stream) spill(t *inProgress) error {
	if t.file == nil {
		f, err := os.CreateTemp("", "millrace-transaction-*")
		if err != nil {
			return fmt.Errorf("keeping a large transaction: %w", err)
		}
		_ = os.Remove(f.Name()) // gone with the process, whatever ends it
		t.file = f
	}
	n, err := t.file.Write(t.buf)
	t.filed += int64(n)
	if err != nil {
		return fmt.Errorf("keeping a large transaction: %w", err)
	}
	st.kept -= len(t.buf)
	if t.buf = t.buf[:0]; cap(t.buf) > spillAt/4 {
		t.buf = nil
	}
	return nil
}

// drop forgets a transaction.
func (st *stream) drop(t *inProgress) {
	delete(st.open, t.xid)
	st.kept -= len(t.buf)
	t.buf = nil
	if t.file != nil {
		_ = t.file.Close()
		t.file = nil
	}
}

// abort rolls back a transaction or a part of it.
func (st *stream) abort(a pgoutput.StreamAbort) {
	t := st.open[a.Xid]
	switch {
	case t == nil:
	case a.SubXid == a.Xid:
		st.drop(t)
	default:
		if t.aborted == nil {
			t.aborted = map[uint32]struct{}{}
		}
		t.aborted[a.SubXid] = struct{}{}
	}
}

// replay gives back a committed transaction's messages.
type replay struct {
	t    *inProgress
	dec  *pgoutput.Decoder
	r    *bufio.Reader
	msg  []byte
	end  uint64 // of the transaction in the log
	head [entryHead]byte
}

// startOfBlock makes a decoder read messages as they stand inside a stream block.
var startOfBlock = []byte{byte(pgoutput.KindStreamStart), 0, 0, 0, 1, 1}

func newReplay(t *inProgress, proto int, end uint64) (*replay, error) {
	r := &replay{t: t, dec: pgoutput.NewDecoder(proto), end: end}
	var m pgoutput.Message
	if err := r.dec.Parse(startOfBlock, &m); err != nil {
		return nil, err
	}
	var from io.Reader = bytes.NewReader(t.buf)
	if t.file != nil {
		from = io.MultiReader(io.NewSectionReader(t.file, 0, t.filed), from)
	}
	r.r = bufio.NewReaderSize(from, 64<<10)
	return r, nil
}

// next parses the next message that was not rolled back into m. io.EOF: there is none.
func (r *replay) next(m *pgoutput.Message) (lsn uint64, err error) {
	for {
		if _, err := io.ReadFull(r.r, r.head[:]); err != nil {
			if err == io.EOF { // io.ReadFull's own, for the end between two messages
				return 0, io.EOF
			}
			return 0, fmt.Errorf("reading a kept transaction: %w", err)
		}
		n := int(binary.BigEndian.Uint32(r.head[:]))
		if n > cap(r.msg) {
			r.msg = make([]byte, n)
		}
		r.msg = r.msg[:n]
		if _, err := io.ReadFull(r.r, r.msg); err != nil {
			return 0, fmt.Errorf("reading a kept transaction: %v", err) //nolint:errorlint // an EOF must not pass for the end of the source
		}
		if err := r.dec.Parse(r.msg, m); err != nil {
			return 0, err
		}
		// What describes tables and types stays described even if the part that needed it first was rolled back.
		if _, gone := r.t.aborted[m.Xid]; gone && m.Kind != pgoutput.KindRelation && m.Kind != pgoutput.KindType {
			continue
		}
		return binary.BigEndian.Uint64(r.head[4:]), nil
	}
}
