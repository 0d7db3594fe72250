package memory

import (
	"testing"

	"github.com/giaoban/giaoban/internal/store/storetest"
)

func TestConformance(t *testing.T) {
	storetest.Run(t, func(*testing.T) storetest.Store { return New() })
}
