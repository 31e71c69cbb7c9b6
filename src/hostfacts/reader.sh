# Reads, for virtty, what /proc, /sys, /dev and /etc of this host say. It runs while the connection lasts, takes requests line by
# line, and changes nothing but what a `set` names. Plain sh; what it prints is read by listed.rs.
LC_ALL=C
export LC_ALL
R=${VIRTTY_ROOT-}
cd / || exit 1

# A file that cannot be read: the reason, behind the last colon of what cat says.
failed() {
  why=$(cat "$1" 2>&1 >/dev/null) || printf 'E %s\n %s\n' "${1#"$R"}" "${why##*: }"
}

# Short files, read by the shell itself: there may be thousands.
short() {
  for p in "$@"; do
    [ -f "$p" ] || continue
    printf 'F %s\n' "${p#"$R"}"
    some=
    { while IFS= read -r line || [ -n "$line" ]; do printf ' %s\n' "$line"; some=1; done <"$p"; } 2>/dev/null
    [ -n "$some" ] || failed "$p"
  done
}

# Longer files, no more than 256 KiB of each.
long() {
  for p in "$@"; do
    [ -f "$p" ] || continue
    printf 'F %s\n' "${p#"$R"}"
    head -c 262144 "$p" 2>/dev/null | sed 's/^/ /'
    [ -r "$p" ] || failed "$p"
    printf '\n'
  done
}

# The threads of each QEMU; told alone, with the names of their folders.
qemus() {
  list=
  for qemu in "$R"/proc/[0-9]*; do
    comm=
    { IFS= read -r comm <"$qemu/comm"; } 2>/dev/null
    case $comm in qemu* | kvm*) ;; *) continue ;; esac
    list="$list ${qemu##*/}"
    printf 'F %s\n' "${qemu#"$R"}/cmdline"
    tr '\000' '\n' <"$qemu/cmdline" 2>/dev/null | sed 's/^/ /'
    printf '\n'
    folder "$qemu/task"
    short "$qemu/comm" "$qemu"/task/*/comm "$qemu"/task/*/stat
  done
  [ "$1" = alone ] || return 0
  printf 'D /proc\n'
  for qemu in $list; do printf ' %s\n' "$qemu"; done
}

# Names in folders.
folder() {
  for p in "$@"; do
    [ -d "$p" ] || continue
    printf 'D %s\n' "${p#"$R"}"
    for name in "$p"/*; do
      if [ -e "$name" ] || [ -L "$name" ]; then printf ' %s\n' "${name##*/}"; fi
    done
  done
}

# Owner, group, rights and kind of what is there.
there() {
  for p in "$@"; do
    if [ -e "$p" ] || [ -L "$p" ]; then
      printf 'S %s\n %s\n' "${p#"$R"}" "$(stat -L -c '%u %g %a %F' "$p" 2>/dev/null)"
    fi
  done
}

all() {
  cpu=$R/sys/devices/system/cpu
  node=$R/sys/devices/system/node
  mm=$R/sys/kernel/mm
  clock=$R/sys/devices/system/clocksource/clocksource0
  short "$cpu/online" "$R/proc/sys/kernel/osrelease" "$R/etc/os-release" "$R/proc/loadavg" "$R/proc/sys/vm/swappiness" \
    "$R/proc/sys/net/bridge/bridge-nf-call-iptables" "$clock/current_clocksource" "$clock/available_clocksource" \
    "$R"/sys/module/kvm_intel/parameters/* "$R"/sys/module/kvm_amd/parameters/* \
    "$cpu"/cpu[0-9]*/cpufreq/scaling_governor \
    "$cpu"/cpu[0-9]*/cache/index*/level "$cpu"/cpu[0-9]*/cache/index*/size \
    "$cpu"/cpu[0-9]*/cache/index*/type "$cpu"/cpu[0-9]*/cache/index*/shared_cpu_list \
    "$cpu"/cpu[0-9]*/topology/physical_package_id "$cpu"/cpu[0-9]*/topology/core_id \
    "$cpu"/cpu[0-9]*/topology/thread_siblings_list \
    "$mm"/ksm/* "$mm/transparent_hugepage/enabled" "$mm/transparent_hugepage/defrag" \
    "$mm"/hugepages/*/nr_hugepages "$mm"/hugepages/*/free_hugepages \
    "$node"/node[0-9]*/meminfo "$node"/node[0-9]*/cpulist "$node"/node[0-9]*/distance \
    "$node"/node[0-9]*/hugepages/*/nr_hugepages "$node"/node[0-9]*/hugepages/*/free_hugepages \
    "$R"/sys/block/*/queue/scheduler "$R"/sys/block/*/queue/rotational "$R"/sys/block/*/queue/nr_requests \
    "$R"/sys/fs/cgroup/cgroup.controllers "$R"/sys/fs/cgroup/unified/cgroup.controllers \
    "$R"/proc/[0-9]*/comm \
    "$R"/etc/sysctl.d/*virtty-* "$R"/etc/tmpfiles.d/*virtty-* "$R"/etc/udev/rules.d/*virtty-*
  long "$R/proc/stat" "$R/proc/cpuinfo" "$R/proc/meminfo" "$R/proc/modules" "$R/proc/self/mounts" "$R/proc/mounts" \
    "$R/etc/passwd" "$R/etc/group" "$R/etc/libvirt/qemu.conf"
  folder "$cpu" "$cpu"/cpu[0-9]*/cache "$node" "$mm/hugepages" "$node"/node[0-9]*/hugepages "$R/sys/block" \
    "$R/sys/kernel/iommu_groups" "$R/proc" "$R"/sys/module "$R/etc/sysctl.d" "$R/etc/tmpfiles.d" "$R/etc/udev/rules.d"
  there "$R/dev/kvm" "$R/dev/vhost-net" "$R/dev/net/tun" "$R"/proc/self/ns/* "$R/sys/fs/fuse/connections" \
    "$R"/sys/firmware/acpi/tables/DMAR "$R"/sys/firmware/acpi/tables/IVRS "$R"/sys/firmware/acpi/tables/IORT \
    "$R"/etc/systemd/system/*.target.wants/* "$R/run/systemd/system" "$R/etc/udev/rules.d" "$R/etc/tmpfiles.d" \
    "$R/etc/sysctl.d"
  qemus beside
}

# What a program says, under a name of its own.
said() {
  printf 'F %s\n' "$1"
  shift
  "$@" 2>/dev/null | sed 's/^/ /'
  printf '\n'
}

links() {
  # In lines: a line has its bound.
  said ip/links ip -j -p -d -s addr show
  said ip/routes4 ip -j -p -4 route show table all
  said ip/routes6 ip -j -p -6 route show table all
  said ip/neighbours ip -j -p neigh show
  printf 'F ssh\n %s\n' "${SSH_CONNECTION-}"
  short "$R"/sys/class/net/*/speed "$R/proc/sys/net/bridge/bridge-nf-call-iptables" \
    "$R/proc/sys/net/ipv4/ip_forward" "$R/proc/sys/net/ipv6/conf/all/forwarding"
  long "$R/etc/network/interfaces" "$R"/etc/network/interfaces.d/*
  folder "$R/etc/netplan" "$R/etc/systemd/network" "$R/run/systemd/network" "$R/etc/network/interfaces.d"
  there "$R/run/NetworkManager" "$R/run/systemd/netif/links" "$R/etc/network/if-pre-up.d/bridge" \
    "$R/etc/network/ifupdown2" "$R"/sys/class/net/*/phy80211
}

printf 'virtty\n.\n'
while IFS= read -r wish; do
  case $wish in
    all) all ;;
    load)
      long "$R/proc/stat"
      qemus alone
      ;;
    links) links ;;
    set)
      IFS= read -r p
      IFS= read -r value
      # Nothing is made that is not there.
      if ! [ -e "$R$p" ]; then
        printf 'no No such file or directory\n'
      elif why=$( { printf '%s\n' "$value" >"$R$p"; } 2>&1 ); then
        printf 'ok\n'
      else
        printf 'no %s\n' "${why##*: }"
      fi
      ;;
    put)
      # A file of its own: whole or not at all.
      IFS= read -r p
      text=
      while IFS= read -r line && [ "$line" != . ]; do text="$text$line
"; done
      if why=$( { mkdir -p "$R${p%/*}" && printf '%s' "$text" >"$R$p.new" && mv -- "$R$p.new" "$R$p"; } 2>&1 ); then
        printf 'ok\n'
      else
        rm -f -- "$R$p.new"
        printf 'no %s\n' "${why##*: }"
      fi
      ;;
    remove)
      IFS= read -r p
      if why=$(rm -- "$R$p" 2>&1); then printf 'ok\n'; else printf 'no %s\n' "${why##*: }"; fi
      ;;
  esac
  printf '.\n'
done
