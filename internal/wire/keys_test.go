package wire

import (
	"errors"
	"testing"

	"github.com/giaoban/giaoban/internal/meeting"
)

func TestKeysAreExact(t *testing.T) {
	type inner struct {
		Name string `json:"name"`
	}
	type outer struct {
		T     string           `json:"t"`
		Bare  int              // its name in JSON is "Bare"
		List  []inner          `json:"list"`
		Deep  *inner           `json:"deep"`
		By    map[string]inner `json:"by"`
		Free  any              `json:"free"`
		Later RawForTest       `json:"later"`
		inner
	}
	for text, ok := range map[string]bool{
		`{"t":"a","list":[{"name":"b"}],"deep":{"name":"c"},"by":{"X":{"name":"d"},"x":{"name":"e"}},"name":"f","Bare":1}`: true,
		`{"T":"a"}`:                          false,
		`{"t":"a","T":"b"}`:                  false,
		`{"t":"a","t":"a"}`:                  false,
		`{"\u0074":"a","t":"b"}`:             false,
		`{"bare":1}`:                         false,
		`{"list":[{"Name":"b"}]}`:            false,
		`{"list":[{"name":"b","name":"b"}]}`: false,
		`{"deep":{"NAME":"c"}}`:              false,
		`{"deep":null}`:                      true,
		`{"by":{"x":{"name":"a"},"x":{}}}`:   false,
		`{"by":{"x":{"naMe":"a"}}}`:          false,
		`{"free":{"a":[{"b":1,"b":2}]}}`:     false,
		`{"free":{"a":[{"b":1,"B":2}]}}`:     true, // nobody has said what its keys are
		`{"later":{"A":1}}`:                  true,
		`{"ſ":1}`:                            false, // folds to an s
		`{"Name":"f"}`:                       false,
	} {
		err := Decode([]byte(text), new(outer))
		var coded *meeting.Error
		if (err == nil) != ok || err != nil && (!errors.As(err, &coded) || coded.Code != CodeFrameMalformed) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// RawForTest decodes itself.
type RawForTest struct{ text string }

// UnmarshalJSON takes everything.
func (r *RawForTest) UnmarshalJSON(b []byte) error {
	r.text = string(b)
	return nil
}

func TestFramesHaveExactKeys(t *testing.T) {
	for text, ok := range map[string]bool{
		`{"t":"floor.request","id":1,"d":{"floor":"speech"}}`:                     true,
		`{"T":"floor.request","id":1}`:                                            false,
		`{"t":"floor.request","t":"floor.revoke","id":1}`:                         false,
		`{"t":"floor.request","id":1,"d":{"floor":"speech","floor":"content"}}`:   false,
		`{"t":"floor.request","id":1,"d":{"Floor":"speech"}}`:                     false,
		`{"t":"floor.request","id":1,"ID":2}`:                                     false,
		`{"t":"floor.request","id":1,"d":{"floor":"speech"},"d":{"floor":"sp"}}`:  false,
		`{"t":"floor.request","id":1,"d":{"floor":"speech"},"D":{"floor":"sp"}}`:  false,
		`{"t":"layout.take","id":1,"d":{"audience":"all","layout":{"Tiles":[]}}}`: false,
	} {
		f, err := ReadFrame([]byte(text))
		if err == nil {
			_, err = ReadCommand(f.T, f.D)
		}
		if (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
	}
}
