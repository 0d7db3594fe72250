package redis

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/giaoban/giaoban/internal/meeting"
)

// ioTimeout bounds the opening of a connection, and the writing and reading of
// one call, so that a server that hangs costs one try and not the patience of
// all. dialTimeout bounds a dial through Sentinels: a hung Sentinel is asked
// twice before go-redis turns to the others, which must fit in, or it is asked
// for ever. poolSize bounds the calls at once; go-redis pauses a second after
// as many dials have failed in a row, so it is far above what a switch costs.
const (
	ioTimeout   = 300 * time.Millisecond
	dialTimeout = 4 * ioTimeout
	poolSize    = 1024
)

// connect sets up a client; it does not dial yet.
func connect(options *redis.Options, cfg Config) *Store {
	redis.SetLogger(silent{}) // what fails is returned, and logged once by who asked
	s := &Store{
		prefix:   cfg.Prefix,
		patience: patienceAlone,
		sentinel: len(cfg.Sentinels) > 0,
		append:   redis.NewScript(appendLua),
		lead:     redis.NewScript(leadLua),
		put:      redis.NewScript(putLua),
		delete:   redis.NewScript(deleteLua),
		settle:   redis.NewScript(settleLua),
		owed:     map[meeting.ID]struct{}{},
	}
	if s.sentinel {
		s.patience = patienceSentinel
		s.replicated.Store(true)
		s.client = redis.NewFailoverClient(failover(options, cfg))
		return s
	}
	options.MaxRetries = -1 // which call may be repeated is decided here
	options.DialerRetries = 1
	options.DialTimeout, options.ReadTimeout, options.WriteTimeout = ioTimeout, ioTimeout, ioTimeout
	options.PoolSize, options.PoolTimeout = poolSize, ioTimeout
	options.ContextTimeoutEnabled = true
	options.DisableIdentity = true
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	s.client = redis.NewClient(options)
	return s
}

// failover is the same for a master that Sentinels name.
func failover(options *redis.Options, cfg Config) *redis.FailoverOptions {
	return &redis.FailoverOptions{
		MasterName: cfg.Master, SentinelAddrs: cfg.Sentinels, SentinelPassword: cfg.SentinelPassword,
		Username: options.Username, Password: options.Password, DB: options.DB,
		Dialer:     dialer(options.TLSConfig),
		MaxRetries: -1, DialerRetries: 1,
		DialTimeout: dialTimeout, ReadTimeout: ioTimeout, WriteTimeout: ioTimeout,
		PoolSize: poolSize, PoolTimeout: ioTimeout,
		ContextTimeoutEnabled: true, DisableIdentity: true,
	}
}

// dialer opens connections to Sentinels and to the servers they name, within
// ioTimeout each.
func dialer(secure *tls.Config) func(ctx context.Context, network, addr string) (net.Conn, error) {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, ioTimeout)
		defer cancel()
		if secure != nil {
			return (&tls.Dialer{Config: secure}).DialContext(ctx, network, addr)
		}
		return new(net.Dialer).DialContext(ctx, network, addr)
	}
}

// silent is the client's logger.
type silent struct{}

// Printf is the client's Logging.
func (silent) Printf(context.Context, string, ...any) {}

// shown says where the data is, without a password.
func (c Config) shown() string {
	if len(c.Sentinels) > 0 {
		return fmt.Sprintf("%s of the Sentinels %s", c.Master, strings.Join(c.Sentinels, ", "))
	}
	u, err := url.Parse(c.URL)
	if err != nil {
		return "redis"
	}
	return u.Redacted()
}
