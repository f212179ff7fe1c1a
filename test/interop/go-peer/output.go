package main

import (
	"encoding/json"
	"io"
	"sync"
)

type fields map[string]any

// output writes replies and events, one JSON object per line.
type output struct {
	mu  sync.Mutex
	enc *json.Encoder
}

func newOutput(w io.Writer) *output {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return &output{enc: enc}
}

func (o *output) write(f fields) {
	o.mu.Lock()
	defer o.mu.Unlock()
	_ = o.enc.Encode(f)
}

func (o *output) event(name string, f fields) {
	f["event"] = name
	o.write(f)
}

// reply answers a command; a failed one carries what was found out before it failed.
func (o *output) reply(id int64, f fields, err error) {
	if f == nil {
		f = fields{}
	}
	f["id"] = id
	f["ok"] = err == nil
	if err != nil {
		f["error"] = err.Error()
	}
	o.write(f)
}
