FROM caddy:2.10.2-alpine
# Ports above 1024 need no capability, and a file that carries one cannot start without it.
RUN setcap -r /usr/bin/caddy && mkdir -p /data /config && chown 10002:10002 /data /config
COPY Caddyfile /etc/caddy/Caddyfile
USER 10002:10002
