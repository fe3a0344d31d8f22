//! The help in Portuguese: what each command and each argument is, by its name.

/// A command, by its path; its text, of which the first paragraph is the short one.
pub const COMMANDS: &[(&str, &str)] = &[
    (
        "",
        "Prepara e testa, por SSH, os clusters das aulas práticas de Sistemas Distribuídos\n\nLê um inventário de \
         máquinas virtuais e faz delas um cluster web com balanceamento de carga: HAProxy no balanceador, Apache2 com \
         uma página própria em cada servidor web, Python 3 e a prática de sockets. Depois prova que tudo responde.",
    ),
    (
        "init",
        "Escreve um inventário a partir de poucas respostas, e vê se as máquinas estão lá\n\nO que as opções não \
         dizem é perguntado no terminal. O arquivo é escrito mesmo que alguma máquina não responda: ela pode estar \
         desligada, e o comando diz qual.",
    ),
    ("validate", "Confere um inventário e os seus templates, sem se conectar a nada"),
    (
        "doctor",
        "Examina as máquinas antes da aula, sem mudar nada\n\nProcura o que atrapalharia: logins, sudo, discos, \
         relógios, portas ocupadas, clones, máquinas que não se alcançam. De cada achado diz o que significa para a \
         aula e o que fazer.",
    ),
    (
        "plan",
        "Mostra o que `apply` mudaria (o mesmo que `apply --dry-run`)\n\nFunciona também em uma máquina vazia, e não \
         escreve nada nela. Cada mudança vem com o seu motivo.",
    ),
    (
        "apply",
        "Deixa as máquinas como o inventário diz, e depois as testa\n\nSó muda o que difere do inventário: uma segunda \
         vez não acha nada a mudar. Depois de Ctrl-C, ou se uma máquina falhou, o mesmo comando, de novo, faz o resto.",
    ),
    (
        "verify",
        "Testa se tudo funciona, sem mudar nada\n\nOs testes: `ssh` a máquina é alcançada; `service` os serviços dela \
         rodam, também depois de reiniciar; `http` um servidor web mostra a sua página; `balance` o balanceador leva \
         a cada servidor web, na sua vez; `stats` o HAProxy conta todos no ar; `socket` os três servidores da \
         prática de sockets falam o seu protocolo. O que uma falha explica não é avaliado.",
    ),
    (
        "drill",
        "Tira do ar um servidor web de cada cluster, traz de volta e mede a queda\n\nRequisições passam por cada balanceador o \
         tempo todo: quantas se perderam, e quanto o HAProxy levou para perceber. A máquina volta sozinha em qualquer \
         caso.",
    ),
    (
        "reset",
        "Desfaz o que `apply` fez: exatamente o que o diário de cada máquina registra\n\nO que alguém mudou desde \
         então fica guardado ao lado, como ARQUIVO.before-reset.",
    ),
    (
        "exec",
        "Executa um comando do shell nas máquinas\n\nCada linha da saída vem com a máquina na frente; com `-o json` \
         são dados.",
    ),
    ("inventory", "Mostra o inventário como ele é entendido"),
    ("inventory list", "Lista as máquinas com os papéis e endereços"),
    ("inventory graph", "Desenha os clusters como uma árvore"),
    ("inventory schema", "Mostra o JSON Schema dos inventários"),
    (
        "import",
        "Faz um inventário do que você já tem (Ansible, Vagrant, ssh, AWS, CSV)\n\nO que não é aproveitado é dito linha \
         a linha. Nada é executado, e nenhum segredo é copiado.",
    ),
    (
        "import ansible",
        "Um inventário do Ansible, INI ou YAML, com as variáveis das pastas ao lado\n\nOs papéis vêm dos nomes dos \
         grupos. Programas, plugins, cofres e expressões não são executados, abertos nem calculados.",
    ),
    ("import vagrant", "O que `vagrant ssh-config` imprime"),
    (
        "import ssh-config",
        "Máquinas de uma configuração de cliente do OpenSSH\n\n`Include` e `Match` não são seguidos, e isso é dito.",
    ),
    ("import aws", "O que `aws ec2 describe-instances` imprime: as instâncias que estão rodando"),
    (
        "import csv",
        "Uma lista da turma: aluno ou equipe, email, endereço e papel; um cluster por aluno ou equipe\n\nAs colunas são \
         reconhecidas pelo cabeçalho, em inglês ou português. Sem coluna de papéis, a primeira máquina de um aluno é o \
         balanceador.",
    ),
    ("practice", "Cria e confere práticas: papéis seus"),
    ("practice new", "Cria a pasta de uma prática nova, com um exemplo dentro"),
    (
        "practice check",
        "Confere práticas e os seus templates, sem se conectar a nada\n\nOnde há um inventário, são renderizadas para \
         cada máquina que as tem; senão, para uma inventada.",
    ),
    ("practice schema", "Mostra o JSON Schema das práticas"),
    ("export", "Escreve o que o Ansible, o cloud-init ou o ssh aceitam"),
    (
        "export ansible",
        "Escreve um playbook do Ansible que faz o que `apply` faz\n\nServe ao ansible-core 2.17 ou mais novo, sem \
         nenhuma collection, e para executá-lo o provision não é preciso.",
    ),
    (
        "export cloud-init",
        "Escreve um user-data por máquina, com que o cloud-init a prepara na primeira inicialização",
    ),
    ("export ssh-config", "Escreve uma configuração do ssh, com que `ssh ana-web01` chega a uma máquina"),
    ("packages", "Enche, lista ou esvazia o cache de pacotes deste computador"),
    ("packages fetch", "Baixa o que as máquinas vão precisar, para que na aula nada saia deste computador"),
    ("packages list", "Lista os arquivos do cache"),
    ("packages clean", "Esvazia o cache"),
    ("lab", "Cria máquinas de treino descartáveis neste computador"),
    ("lab up", "Cria máquinas de treino e escreve um inventário delas"),
    ("lab down", "Desmonta um lab e não deixa nada para trás"),
    ("lab link", "Põe ou tira o cabo de rede de uma máquina, para ver o que as outras fazem"),
    ("lab exec", "Executa um comando como root em uma máquina, sem SSH"),
    ("lab list", "Lista os labs e as suas máquinas"),
    ("demo", "Do nada a um cluster testado neste computador: lab up, apply, verify"),
    ("completions", "Mostra o script com que um shell completa os comandos"),
    ("man", "Mostra a página de manual (roff)"),
    ("help", "Mostra esta mensagem ou a ajuda dos subcomandos"),
];

/// An argument, by its name, or by its command and its name where it is another one there.
pub const ARGUMENTS: &[(&str, &str)] = &[
    (
        "verbose",
        "Diz mais: cada falha quando aparece, cada mudança, cada diff, por que um transporte foi escolhido (repita para \
         a saída das máquinas)",
    ),
    ("quiet", "Mostra só resultados e erros"),
    ("color", "Quando usar cores [também: NO_COLOR, CLICOLOR_FORCE]"),
    (
        "language",
        "Idioma do terminal, e com `init` das páginas e arquivos da turma [padrão: como diz o locale]",
    ),
    ("no_input", "Nunca pergunta nada no terminal"),
    ("help", "Mostra a ajuda (um resumo com '-h')"),
    ("version", "Mostra a versão"),
    ("inventory", "O inventário"),
    ("practice new inventory", "O inventário ao lado do qual ela é criada"),
    ("practice check inventory", "O inventário a que elas pertencem"),
    ("limit", "Só estas máquinas: nomes, padrões e clusters, `!` exclui ('ana/*,!ana/web02')"),
    ("role", "Só máquinas com este papel, ou esta prática"),
    (
        "forks",
        "Quantas máquinas são mudadas ao mesmo tempo; oito vezes mais são examinadas. Com 1, uma depois da outra",
    ),
    ("ask_pass", "Pergunta a senha do SSH"),
    ("ask_become_pass", "Pergunta a senha do sudo"),
    ("output", "Forma do resultado"),
    (
        "report",
        "Escreve também um relatório; a terminação escolhe: .html ou .json; com plan, apply, verify e reset também .xml \
         (JUnit) ou .csv (pode repetir)",
    ),
    ("timings", "Diz também para onde foi o tempo, máquina a máquina; os relatórios desenham isso"),
    ("detailed_exitcode", "Termina com 2 quando há mudanças a fazer"),
    ("dry_run", "Só mostra o que mudaria"),
    ("reset dry_run", "Só mostra o que seria desfeito"),
    (
        "prune",
        "Remove o que não está mais no inventário, sem perguntar\n\nNum terminal isso é perguntado; fora dele, fica.",
    ),
    ("apply yes", "Não pergunta no terminal antes de remover"),
    ("reset yes", "Não pergunta antes de desfazer"),
    ("drill yes", "Não pergunta antes de parar algo"),
    ("init yes", "Não pergunta nada: usa o padrão de tudo o que não foi dito"),
    ("no_verify", "Pula os testes no fim"),
    (
        "retry_timeout",
        "Por quanto tempo se repete um teste que falha, antes de valer: serviços levam um momento para subir",
    ),
    ("sleep", "Pausa entre duas tentativas de um teste"),
    (
        "direct",
        "Pede as páginas a partir deste computador, nos endereços das máquinas, como o navegador de um aluno: não por SSH",
    ),
    (
        "watch",
        "Continua testando pelas mesmas conexões e mostra o que muda, até Ctrl-C\n\nCada cluster tem as suas rodadas. \
         Ctrl-C encerra com o resumo e o código de saída da última rodada inteira de cada um. Nada é perguntado duas \
         vezes numa rodada: ela mostra o momento.",
    ),
    ("interval", "Pausa entre duas rodadas de um cluster com `--watch`"),
    (
        "drill host",
        "O servidor web a tirar do ar, pelo nome inteiro ou pelo nome dentro do cluster [padrão: o último escolhido]",
    ),
    ("mode", "Como ele é tirado do ar"),
    ("rate", "Requisições por segundo em cada balanceador, cada uma em conexão própria"),
    ("hold", "Quanto tempo ele fica fora depois que o HAProxy percebe"),
    (
        "restore_after",
        "Quando, no máximo, a própria máquina o traz de volta, aconteça o que acontecer com este computador",
    ),
    ("become", "Executa como root, pelas configurações `become` da máquina"),
    ("words", "O comando, depois de `--`"),
    ("init file", "O inventário a escrever"),
    ("title", "Título das páginas e dos relatórios"),
    ("init user", "O login nas máquinas [padrão: como diz a sua configuração do ssh]"),
    ("init identity", "A chave privada do login [padrão: a do agente e as do ssh]"),
    ("init ask_pass", "Entra com senha, perguntada no início de cada execução"),
    ("init ask_become_pass", "O sudo pede senha, perguntada no início de cada execução"),
    (
        "balancer",
        "A máquina que balanceia: `10.0.0.50`; várias fazem um cluster cada; `none` para só servidores web",
    ),
    (
        "init web",
        "Os servidores web: `10.0.0.51-53`, `10.0.0.[51:53]`, `a,b`, `user@host:port`; repartidos por igual entre \
         vários balanceadores",
    ),
    (
        "private",
        "Por onde as máquinas se alcançam, como `192.168.56.11-13`: de cada cluster o balanceador primeiro [padrão: como \
         acima]",
    ),
    ("socket", "Instala a prática de sockets em Python nos servidores web"),
    ("init force", "Substitui o arquivo, se ele existe"),
    ("file", "O arquivo, ou `-` para a entrada padrão"),
    ("to", "Onde o inventário é escrito [padrão: saída padrão]"),
    ("force", "Escreve por cima do arquivo de `--to`"),
    (
        "import role",
        "Como as máquinas de um papel se chamam ali: grupos, tags, palavras ou nomes ('web=apache,www'; pode repetir)",
    ),
    ("user", "O login das máquinas para as quais o arquivo não tem nenhum"),
    ("identity", "O arquivo de chave das máquinas para as quais o arquivo não tem nenhum"),
    (
        "import ansible clusters",
        "Grupos que são clusters ('team*') [padrão: todas as máquinas são um cluster]",
    ),
    ("pattern", "Só máquinas com um nome assim ('web*') [padrão: todas sem curinga]"),
    ("cluster_tag", "A tag cujo valor é o cluster [padrão: todas as instâncias são um cluster]"),
    ("role_tag", "A tag cujo valor é o papel [padrão: os papéis vêm dos nomes das instâncias]"),
    ("practice new name", "O nome dela, com que as máquinas a têm como papel"),
    ("practices", "Nomes ou pastas [padrão: todas as do inventário]"),
    ("folder", "A pasta onde escrever; ela é criada, ou tem de estar vazia"),
    (
        "export force",
        "Escreve em uma pasta que não está vazia, por cima de arquivos de mesmo nome, e remove o que uma exportação anterior \
         deixou lá",
    ),
    ("name", "O nome do lab"),
    ("web", "Servidores web em cada cluster"),
    ("clusters", "Clusters, cada um com o seu balanceador"),
    (
        "release",
        "Versões, distribuídas em rodízio entre as máquinas [padrão: bookworm; com systemd-nspawn no Ubuntu, a deste \
         computador]",
    ),
    ("image", "Outra imagem, de Debian ou Ubuntu, com que o podman ou o docker fazem as máquinas"),
    (
        "driver",
        "O que executa as máquinas [padrão: systemd-nspawn para o root no Linux, senão podman, senão docker]",
    ),
    ("lab up inventory", "Onde o inventário é escrito [padrão: na pasta do lab]"),
    ("demo inventory", "Onde o inventário é escrito [padrão: na pasta do lab]"),
    ("sudo_password", "Faz o sudo pedir senha nas máquinas; ela é escrita ao lado do inventário"),
    ("all", "Desmonta todos os labs"),
    ("lab down prune", "Remove também as imagens base"),
    ("host", "A máquina, pelo nome em `provision lab list`"),
    ("link", "Se o cabo dela está ligado"),
    ("demo down", "Desmonta o lab no fim"),
    ("shell", "O shell"),
];

/// What the values of arguments mean.
pub const VALUES: &[(&str, &str)] = &[
    ("text", "Para pessoas"),
    ("json", "Um documento JSON"),
    ("stop", "Interrompe o Apache2 dele, e o HAProxy tem de perceber"),
    ("maint", "Diz ao HAProxy que não lhe mande nada (manutenção)"),
    ("en", "Inglês"),
    ("pt-BR", "Português do Brasil"),
    ("bookworm", "Debian 12"),
    ("trixie", "Debian 13"),
    ("jammy", "Ubuntu 22.04"),
    ("noble", "Ubuntu 24.04"),
    ("nspawn", "systemd-nspawn, como root no Linux"),
    ("podman", "podman, do root ou de um usuário comum"),
    ("docker", "docker"),
    ("up", "Ligado"),
    ("down", "Desligado"),
];

/// The end of the help of the whole.
pub const AFTER: &str = "Códigos de saída: 0 tudo bem · 1 erro de uso, de inventário ou interno · 2 uma máquina falhou · \
                         3 um teste falhou · 4 uma máquina inacessível · 130 interrompido\n\nExperimente sem máquina \
                         nenhuma: provision demo";
