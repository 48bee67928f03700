// Package peer lets a test in another language drive a Go library: requests come in as JSON, one a line, and each is
// answered by one line. The program ends when its input does, so it never outlives the test.
package peer

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
)

// Operation answers one kind of request.
type Operation func(arguments json.RawMessage) (any, error)

type fault struct{ error }

// Fault marks an error as that of a request that makes no sense, as opposed to one that the library refuses: a test
// must not take the one for the other.
func Fault(err error) error { return fault{err} }

type request struct {
	Operation string
	Arguments json.RawMessage
}

type answer struct {
	Result  any    `json:"result,omitempty"`
	Refused string `json:"refused,omitempty"`
	Fault   string `json:"fault,omitempty"`
}

// Op turns a function into an Operation. An error that it returns means that the library refuses the input.
func Op[Arguments, Result any](run func(Arguments) (Result, error)) Operation {
	return func(raw json.RawMessage) (any, error) {
		var arguments Arguments
		if err := json.Unmarshal(raw, &arguments); err != nil {
			return nil, Fault(err)
		}
		return run(arguments)
	}
}

// Serve answers requests until the input ends. The operation "versions" is always there.
func Serve(operations map[string]Operation) {
	operations["versions"] = Op(func(struct{}) (map[string]string, error) { return versions(), nil })
	input := bufio.NewReader(os.Stdin)
	output := json.NewEncoder(os.Stdout)
	for {
		line, err := input.ReadBytes('\n')
		if err != nil {
			return
		}
		if err := output.Encode(respond(operations, line)); err != nil {
			return
		}
	}
}

func respond(operations map[string]Operation, line []byte) (result answer) {
	defer func() {
		if reason := recover(); reason != nil {
			result = answer{Fault: fmt.Sprint(reason)}
		}
	}()
	var asked request
	if err := json.Unmarshal(line, &asked); err != nil {
		return answer{Fault: err.Error()}
	}
	operation, known := operations[asked.Operation]
	if !known {
		return answer{Fault: "there is no operation " + asked.Operation}
	}
	value, err := operation(asked.Arguments)
	switch err := err.(type) {
	case nil:
		return answer{Result: value}
	case fault:
		return answer{Fault: err.Error()}
	default:
		return answer{Refused: err.Error()}
	}
}

// versions says what the program was built from: each module and Go itself.
func versions() map[string]string {
	built := map[string]string{}
	if info, ok := debug.ReadBuildInfo(); ok {
		built["go"] = info.GoVersion
		for _, module := range info.Deps {
			built[module.Path] = module.Version
		}
	}
	return built
}
