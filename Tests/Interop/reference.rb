# Runs the interoperability client or server of Debian's ruby-grpc with certificates of our own.
#
#   ruby reference.rb client HOST PORT AUTHORITY NAME   every case that needs no cloud account
#   ruby reference.rb server PORT CERTIFICATE KEY       until SIGTERM

FOLDER = File.join(Gem::Specification.find_by_name('grpc').gem_dir, 'src/ruby/pb/test')
NEED_ACCOUNTS = %i[all service_account_creds jwt_token_creds compute_engine_creds
                   oauth2_auth_token per_rpc_creds].freeze

def client(host, port, authority, name)
  require File.join(FOLDER, 'client.rb')
  Object.define_method(:load_test_certs) { [File.read(authority), nil, nil] }
  Object.define_method(:p) { |*words| words.first }
  wrong = 0
  (NamedTests.instance_methods(false) - NEED_ACCOUNTS).sort.each do |test|
    options = Args.new
    options.server_host, options.server_port, options.server_host_override = host, port, name
    options.secure, options.use_test_ca, options.test_case = true, true, test.to_s
    NamedTests.new(create_stub(options), options).method(test).call
    puts "OK: #{test}"
  rescue StandardError => e
    wrong += 1
    puts "WRONG: #{test}: #{e.class}: #{e.message}"
  end
  exit(wrong.zero?)
end

def server(port, certificate, key)
  path = File.join(FOLDER, 'server.rb')
  # Its last line starts it, with certificates of its own.
  eval(File.read(path).sub(/^main\s*\z/, ''), TOPLEVEL_BINDING, path)
  Object.define_method(:load_test_certs) { [nil, File.read(key), File.read(certificate)] }
  ARGV.replace(['--port', port, '--use_tls', 'true'])
  main
end

send(ARGV.shift, *ARGV.dup)
