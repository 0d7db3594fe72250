package redis

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

//go:embed lease.lua
var leaseLua string

//go:embed release.lua
var releaseLua string

// Lease says which server is to lead, by Redis' own clock: it is for liveness,
// and the terms of Lead are for safety.
type Lease struct {
	By   string // who has it
	Anew bool   // it is the asker's, and another server had it since the asker last did
}

// Hold takes or renews the lease of a scope for a time, unless another server
// has it. scope is "" for the whole installation.
func (s *Store) Hold(ctx context.Context, scope, holder string, during time.Duration) (Lease, error) {
	var lease Lease
	c := change{
		script: redis.NewScript(leaseLua),
		keys:   s.keys(nameHolder(scope), nameHeld(scope)),
		args:   []any{holder, during.Milliseconds()},
	}
	err := s.patiently(ctx, func(ctx context.Context) error {
		answer, err := s.attempt(ctx, c)
		if answer == nil {
			return err
		}
		said, wrong := answer.Slice()
		if wrong != nil || len(said) != 2 {
			return fmt.Errorf("%w: %v", errLease, wrong)
		}
		by, ok := said[0].(string)
		if anew, is := said[1].(int64); ok && is {
			lease = Lease{By: by, Anew: lease.Anew || anew == 1}
			return err
		}
		return errLease
	})
	if err != nil {
		return Lease{}, fmt.Errorf("lease %q: %w", scope, err)
	}
	return lease, nil
}

// Release gives the lease of a scope back, if the holder has it.
func (s *Store) Release(ctx context.Context, scope, holder string) error {
	_, err := s.attempt(ctx, change{script: redis.NewScript(releaseLua), keys: s.keys(nameHolder(scope)), args: []any{holder}})
	if err != nil {
		return fmt.Errorf("release lease %q: %w", scope, err)
	}
	return nil
}

var errLease = fmt.Errorf("redis: the answer about a lease is damaged")

func nameHolder(scope string) string { return "{lease/" + scope + "}:holder" }
func nameHeld(scope string) string   { return "{lease/" + scope + "}:last" }
