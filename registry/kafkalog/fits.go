package kafkalog

import "github.com/millrace/millrace/registry"

// Fits implements registry.Sizer: a record must be small enough for a batch of its own, compressed where that helps.
func (l *Log) Fits(r registry.Record) bool {
	return headerSize+recordBound(r) <= l.mostSize ||
		len(encodeBatch(producer{}, []registry.Record{r}, l.mostSize, l.compressor)) <= l.mostSize
}
