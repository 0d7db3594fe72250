package catalog

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// BookVersion is the version Encode writes. Decode reads it and every older one.
const BookVersion = 1

// kept is a Book as it is stored.
type kept struct {
	Version int `json:"version"`
	Book
}

// Encode writes a book as it is stored.
func (b *Book) Encode() ([]byte, error) {
	body, err := json.Marshal(kept{BookVersion, *b})
	if err != nil {
		return nil, fmt.Errorf("encode catalogue: %w", err)
	}
	return body, nil
}

// Decode reads a stored book, strictly, and judges it.
func Decode(body []byte) (*Book, error) {
	var k kept
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&k); err != nil {
		return nil, fmt.Errorf("decode catalogue: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("decode catalogue: data after it")
	}
	if k.Version != BookVersion {
		return nil, fmt.Errorf("decode catalogue: version %d, this program knows %d", k.Version, BookVersion)
	}
	if err := k.Check(); err != nil {
		return nil, fmt.Errorf("decode catalogue: %w", err)
	}
	return &k.Book, nil
}
