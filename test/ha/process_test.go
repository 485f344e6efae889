package ha

import (
	"os/exec"
	"runtime"
	"testing"
)

// start starts a process whose Pdeathsig is to fire when this one ends; done is closed when the process has ended.
func start(t *testing.T, cmd *exec.Cmd) (done <-chan struct{}) {
	t.Helper()
	started, ended := make(chan error, 1), make(chan struct{})
	go func() {
		defer close(ended)
		runtime.LockOSThread() // Pdeathsig fires when the starting thread ends
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
		}
	}()
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	return ended
}
