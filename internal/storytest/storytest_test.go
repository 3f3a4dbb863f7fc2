package storytest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/monotable/monotable/internal/storytest"
)

// playVariable has the process tell a story instead of testing.
const playVariable = "STORYTEST_PLAY"

// TestPlayed is the test of a program, in a process of its own. What it plays are the outputs in the order of its turns.
func TestPlayed(t *testing.T) {
	turns := strings.Split(os.Getenv(playVariable), ",")
	if turns[0] == "" {
		t.Skip("TestOutcomes runs it")
	}
	connect := func(_ context.Context, endpoint string) (*dynamodb.Client, error) {
		if endpoint == "nowhere" {
			return nil, errors.New("no connection")
		}
		return dynamodb.New(dynamodb.Options{}), nil
	}
	n := 0
	storytest.Output(t, connect, func(_ context.Context, _ *dynamodb.Client, out io.Writer) error {
		n++
		if turns[n-1] == "error" {
			return errors.New("the story broke off")
		}
		_, err := fmt.Fprintln(out, turns[n-1])
		return err
	})
	if n != len(turns) {
		t.Errorf("it was played %d times", n)
	}
}

func TestOutcomes(t *testing.T) {
	for _, c := range []struct {
		reason   string
		play     string
		golden   string // none where it is empty
		endpoint string
		required bool
		update   bool
		want     string // part of what it says; "" where it passes
	}{
		{reason: "all turns are right", play: "a,a,a,a", golden: "a\n", endpoint: "somewhere", required: true},
		{reason: "without a server half of it is skipped", play: "a,a", golden: "a\n"},
		{reason: "and fails where it is required", play: "a,a", golden: "a\n", required: true, want: "DYNAMODB_ENDPOINT is not set"},
		{reason: "the first turn differs", play: "b,a", golden: "a\n", want: "the first time: -want +got"},
		{reason: "the second turn differs", play: "a,b", golden: "a\n", want: "the second time: -want +got"},
		{reason: "the server differs", play: "a,a,a,b", golden: "a\n", endpoint: "somewhere", want: "TestPlayed/dynamodb-local"},
		{reason: "by a line's end alone", play: "a,a", golden: "a", want: "-want +got"},
		{reason: "the story fails", play: "a,error", golden: "a\n", want: "the second time: the story broke off"},
		{reason: "there is no connection", play: "a,a", golden: "a\n", endpoint: "nowhere", want: "no connection"},
		{reason: "there is no golden", play: "a,a", want: "go test -update writes it"},
		{reason: "the golden is written anew", play: "a,a,a,a", golden: "b\n", endpoint: "somewhere", update: true},
	} {
		t.Run(c.reason, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.Mkdir(filepath.Join(dir, "testdata"), 0o755); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(dir, "testdata", "output.txt")
			if c.golden != "" {
				if err := os.WriteFile(file, []byte(c.golden), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestPlayed$", fmt.Sprint("-update=", c.update))
			integration := ""
			if c.required {
				integration = "required"
			}
			cmd.Dir, cmd.Env = dir, append(os.Environ(), playVariable+"="+c.play, "DYNAMODB_ENDPOINT="+c.endpoint, "INTEGRATION="+integration)
			out, err := cmd.CombinedOutput()
			if (err == nil) != (c.want == "") || !strings.Contains(string(out), c.want) {
				t.Errorf("%v, and it says\n%s", err, out)
			}
			if written, _ := os.ReadFile(file); c.update && string(written) != "a\n" {
				t.Errorf("the golden is %q", written)
			}
		})
	}
}
