package memlog_test

import (
	"testing"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/memlog"
	"github.com/millrace/millrace/registry/registrytest"
)

func TestLog(t *testing.T) {
	registrytest.TestLog(t, func(testing.TB) registry.Log { return memlog.New() })
}
